#include "console.h"

#include <stdarg.h>

#include "../../onboard/uart.h"
#include "board.h"
#include "string.h"

static void put(char c) { uart_put(board.uart, c); }

void console_write(const char *text, unsigned long length) {
  for (unsigned long i = 0; i < length; i++) put(text[i]);
}

static void put_number(uint64_t number, uint64_t radix) {
  char digits[20];
  uint32_t n = 0;
  do {
    digits[n++] = "0123456789abcdef"[number % radix];
    number /= radix;
  } while (number);
  if (radix == 16) console_write("0x", 2);
  while (n) put(digits[--n]);
}

void console_print(const char *format, ...) {
  va_list args;
  va_start(args, format);
  for (const char *p = format; *p; p++) {
    if (*p != '%') {
      put(*p);
      continue;
    }
    if (*++p == 'l') p++;
    switch (*p) {
      case 's': {
        const char *text = va_arg(args, const char *);
        console_write(text, strlen(text));
        break;
      }
      case 'c': put((char)va_arg(args, int)); break;
      case 'u': put_number(va_arg(args, uint64_t), 10); break;
      case 'x': put_number(va_arg(args, uint64_t), 16); break;
      default: put(*p);
    }
  }
  va_end(args);
}
