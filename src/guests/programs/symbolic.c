// An interpreter of bytecode, and a sorter.
#include "programs.h"

enum opcode { PUSH, LOAD, STORE, ADD, MULTIPLY, MASK, LESS, JUMP_IF, HALT, OPCODES };

// A stack machine; anything it does not know ends the program with -1.
static int64_t interpret(const int16_t *code) {
  int64_t stack[16];
  int64_t variables[4] = {0};
  int top = 0;
  for (;;) {
    int16_t operand = code[1];
    switch (code[0]) {
      case PUSH: stack[top++] = operand; break;
      case LOAD: stack[top++] = variables[operand & 3]; break;
      case STORE: variables[operand & 3] = stack[--top]; break;
      case ADD: top--; stack[top - 1] += stack[top]; break;
      case MULTIPLY: top--; stack[top - 1] *= stack[top]; break;
      case MASK: stack[top - 1] &= operand; break;
      case LESS: top--; stack[top - 1] = stack[top - 1] < stack[top]; break;
      case JUMP_IF:
        if (stack[--top]) {
          code += 2 * operand;
          continue;
        }
        break;
      case HALT: return variables[operand & 3];
      default: return -1;
    }
    code += 2;
  }
}

// for (i = 0; i < 10000; i++) sum += i * i & 255; as bytecode and as C.
int interpreter(void) {
  enum { LIMIT = 10000 };
  static const int16_t code[] = {
      PUSH, 0, STORE, 0, PUSH, 0, STORE, 1,                                             // i, sum
      LOAD, 1, LOAD, 0, LOAD, 0, MULTIPLY, 0, MASK, 255, ADD, 0, STORE, 1,              // sum += i * i & 255
      LOAD, 0, PUSH, 1, ADD, 0, STORE, 0, LOAD, 0, PUSH, LIMIT, LESS, 0, JUMP_IF, -14, // while (++i < LIMIT)
      HALT, 1,
  };
  int64_t sum = 0;
  for (int64_t i = 0; i < LIMIT; i++) sum += i * i & 255;
  return interpret(code) != sum;
}

static void quicksort(uint32_t *low, uint32_t *high) {
  while (low < high) {
    uint32_t pivot = low[(high - low) / 2];
    uint32_t *i = low;
    uint32_t *j = high;
    while (i <= j) {
      while (*i < pivot) i++;
      while (*j > pivot) j--;
      if (i > j) break;
      uint32_t other = *i;
      *i++ = *j;
      *j-- = other;
    }
    // The smaller part by a call, so that the stack stays shallow.
    if (j - low < high - i) {
      quicksort(low, j);
      low = i;
    } else {
      quicksort(i, high);
      high = j;
    }
  }
}

int sorter(void) {
  enum { COUNT = 1 << 13 };
  uint32_t *numbers = (uint32_t *)arena;
  uint32_t random = 99;
  uint64_t sum = 0;
  for (uint32_t i = 0; i < COUNT; i++) sum += numbers[i] = next_random(&random);
  quicksort(numbers, numbers + COUNT - 1);
  for (uint32_t i = 0; i < COUNT; i++) {
    if (i > 0 && numbers[i - 1] > numbers[i]) return 1;
    sum -= numbers[i];
  }
  return sum != 0;
}
