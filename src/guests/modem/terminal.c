#include "terminal.h"

#include <stdbool.h>

#include "../common/console.h"
#include "../common/cpu.h"
#include "../common/string.h"
#include "serial.h"

#define LINE_BYTES 96
#define LINES_PER_COMMAND 16

/* The last is longer than any modem need take. */
static const char script[][96] = {
    "AT",
    "ATE0",
    "ATI",
    "AT+CGMI;+CGMM",
    "AT+CSQ",
    "AT+COPS?",
    "ATD+4912345;",
    "AT+CPAS",
    "ATH",
    "ATD12345",
    "AT+CPAS",
    "AT+NOSUCH",
    "AT+CSQ=1111111111222222222233333333334444444444555555555566666666667777777777",
};
static const char finals[][12] = {"OK", "ERROR", "NO CARRIER"};

/* A line at a time, whole: the log of the control loop comes in between otherwise. */
static void print(char mark, const char *text) {
  uint64_t before = interrupts_off();
  console_print("modem %c %s\n", mark, text);
  interrupts_restore(before);
}

static bool is_final(const char *line) {
  for (uint32_t i = 0; i < sizeof finals / sizeof finals[0]; i++)
    if (strcmp(line, finals[i]) == 0) return true;
  return false;
}

/* The next line that is not empty, without its end. */
static void read_line(char line[LINE_BYTES]) {
  uint32_t length = 0;
  for (;;) {
    char c = (char)serial_get();
    if (c == '\r' || c == '\n') {
      if (length > 0) break;
    } else if (length < LINE_BYTES - 1) {
      line[length++] = c;
    }
  }
  line[length] = 0;
}

void terminal_run(void) {
  char line[LINE_BYTES];
  for (uint32_t i = 0; i < sizeof script / sizeof script[0]; i++) {
    for (const char *c = script[i]; *c; c++) serial_put(*c);
    serial_put('\r');
    print('>', script[i]);
    for (uint32_t n = 0; n < LINES_PER_COMMAND; n++) {
      read_line(line);
      if (strcmp(line, script[i]) == 0) continue; /* the echo */
      print('<', line);
      if (is_final(line)) break;
    }
  }
  print('-', serial_overrun() ? "bytes were lost" : "no byte was lost");
}
