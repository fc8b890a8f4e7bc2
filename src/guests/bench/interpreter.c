/* The hart alone: a loop that interprets a small machine's code, so mostly branches. */
#include "workloads.h"

enum op { ADD, XOR, MULTIPLY, SHIFT, NEXT_IF, HALT };

/* x[a] = x[b] op x[c]; NEXT_IF goes to c while x[a], lessened by one, is not 0. */
struct instruction {
  uint8_t op, a, b, c;
};

/* x[1] counts down from 1000; x[2], x[3] and x[4] are mixed with x[5] and x[6]. */
static const struct instruction program[] = {
    {ADD, 2, 2, 5}, {XOR, 3, 3, 2}, {MULTIPLY, 4, 3, 6}, {SHIFT, 5, 4, 3}, {ADD, 2, 2, 4}, {NEXT_IF, 1, 0, 0}, {HALT, 0, 0, 0},
};
enum { REGISTERS = 8, LOOPS = 1000 };

/* Chained and not a table: a table of jumps would hold absolute addresses. */
__attribute__((optimize("no-jump-tables"))) static void interpret(uint32_t x[REGISTERS]) {
  for (uint32_t pc = 0;;) {
    struct instruction now = program[pc++];
    switch (now.op) {
      case ADD: x[now.a] = x[now.b] + x[now.c]; break;
      case XOR: x[now.a] = x[now.b] ^ x[now.c]; break;
      case MULTIPLY: x[now.a] = x[now.b] * x[now.c]; break;
      case SHIFT: x[now.a] = x[now.b] >> now.c | x[now.b] << (32 - now.c); break;
      case NEXT_IF:
        if (--x[now.a] != 0) pc = now.c;
        break;
      default: return;
    }
  }
}

uint64_t interpreter_run(uint64_t rounds) {
  uint32_t x[REGISTERS] = {0, 0, 1, 2, 3, 4, 0x01000193};
  for (uint64_t round = 0; round < rounds; round++) {
    x[1] = LOOPS;
    interpret(x);
  }
  return mix(mix(x[2], x[3]), x[4]);
}
