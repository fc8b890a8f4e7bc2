#include "at.h"

#include <stdbool.h>
#include <stddef.h>

#include "../common/string.h"

/* S3 and S5, which are fixed here; so is S4, the line feed after each return in an answer. */
#define RETURN '\r'
#define BACKSPACE '\b'

/* No answer code of its own: another command of the same line may follow, and OK stands for them all (V.250, 5.7). */
enum verdict { FINE, ERROR, NO_CARRIER };

static void (*put)(char c);
static bool echo;    /* E */
static bool calling; /* D until H */

/* The command line after its prefix AT, without blanks. */
static struct {
  enum { IDLE, PREFIX, BODY } state;
  char text[AT_LINE_BYTES];
  uint32_t length;
  bool spoiled; /* it is too long, or bytes of it were lost */
} line;

static void say(const char *text) {
  for (; *text; text++) put(*text);
}

static void say_line(const char *text) {
  say("\r\n");
  say(text);
  say("\r\n");
}

/* What a command of the form +NAME gives; one without text, of the form NAME=..., cannot be read. */
static const struct extended {
  char name[8], form[4], text[24];
} extended[] = {
    {"+CGMI", "", "Taco"},
    {"+CGMM", "", "modem"},
    {"+CSQ", "", "+CSQ: 17,99"}, /* -79 dBm; bit error rate not known (27.007, 8.5) */
    {"+CSQ", "=?", "+CSQ: (0-31,99),(99)"},
    {"+COPS", "?", "+COPS: 0,0,\"Taco\",7"}, /* chosen by itself, long name, E-UTRAN (7.3) */
    {"+CREG", "?", "+CREG: 0,1"},            /* no reports; registered, at home (7.2) */
    {"+CPIN", "?", "+CPIN: READY"},
};

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* A call's state is told by +CPAS (27.007, 8.1): 0 is ready, 4 a call in progress. */
static enum verdict run_extended(const char *command, uint32_t length) {
  if (length == 5 && strcmp(command, "+CPAS") == 0) {
    say_line(calling ? "+CPAS: 4" : "+CPAS: 0");
    return FINE;
  }
  for (uint32_t row = 0; row < sizeof extended / sizeof extended[0]; row++) {
    size_t name = strlen(extended[row].name);
    bool named = length > name && strcmp(command + name, extended[row].form) == 0;
    if (length == name) named = extended[row].form[0] == 0;
    for (size_t i = 0; i < name && named; i++) named = command[i] == extended[row].name[i];
    if (!named) continue;
    say_line(extended[row].text);
    return FINE;
  }
  return ERROR;
}

/* The rest of the line is the number. A semicolon at its end asks for a voice call; there is no carrier for data. */
static enum verdict dial(const char *number) {
  uint32_t digits = 0;
  while (is_digit(number[digits]) || number[digits] == '*' || number[digits] == '#' || (digits == 0 && number[0] == '+'))
    digits++;
  bool voice = number[digits] == ';';
  if (digits == 0 || calling || number[digits + voice]) return ERROR;
  if (!voice) return NO_CARRIER;
  calling = true;
  return FINE;
}

/* One letter and a number, 0 if left out (V.250, 5.3.1). */
static enum verdict run_basic(char letter, uint32_t number) {
  switch (letter) {
    case 'E':
      if (number > 1) return ERROR;
      echo = number;
      return FINE;
    case 'H':
      if (number > 0) return ERROR;
      calling = false;
      return FINE;
    case 'I':
      if (number > 0) return ERROR;
      say_line("Taco modem");
      return FINE;
    case 'Z':
      if (number > 0) return ERROR;
      echo = true;
      calling = false;
      return FINE;
    default: return ERROR;
  }
}

/* Commands one after the other; the first that fails ends the line. */
static enum verdict run_line(char *text) {
  while (*text) {
    enum verdict verdict;
    if (*text == 'D') return dial(text + 1);
    if (*text == '+') {
      uint32_t length = 0;
      while (text[length] && text[length] != ';') length++;
      char end = text[length];
      text[length] = 0;
      verdict = run_extended(text, length);
      text += length + (end == ';');
    } else {
      char letter = *text++;
      uint32_t number = 0;
      for (; is_digit(*text); text++) number = number < 1000 ? number * 10 + (uint32_t)(*text - '0') : number;
      verdict = run_basic(letter, number);
    }
    if (verdict != FINE) return verdict;
  }
  return FINE;
}

static void end_line(void) {
  static const char codes[][12] = {[FINE] = "OK", [ERROR] = "ERROR", [NO_CARRIER] = "NO CARRIER"};
  bool spoiled = line.spoiled;
  line.text[line.length] = 0;
  line.state = IDLE;
  say_line(codes[spoiled ? ERROR : run_line(line.text)]);
}

/* Letters of either case mean the same (5.2.1). */
static void take(char c) {
  if (c == ' ' || (uint8_t)c < ' ') return;
  if (c >= 'a' && c <= 'z') c -= 'a' - 'A';
  if (line.length + 1 == sizeof line.text) line.spoiled = true;
  else line.text[line.length++] = c;
}

void at_init(void (*to)(char c)) {
  put = to;
  echo = true;
  calling = false;
  line.state = IDLE;
}

void at_lost(void) { line.spoiled = true; }

/* Whatever comes before AT is noise, and lines that do not begin so get no answer. */
void at_byte(uint8_t byte) {
  char c = (char)byte;
  if (echo) put(c);
  switch (line.state) {
    case IDLE:
      if (c == 'A' || c == 'a') line.state = PREFIX;
      break;
    case PREFIX:
      if (c == 'T' || c == 't') {
        line.state = BODY;
        line.length = 0;
        line.spoiled = false;
      } else if (c != 'A' && c != 'a') {
        line.state = IDLE;
      }
      break;
    case BODY:
      if (c == RETURN) end_line();
      else if (c != BACKSPACE) take(c);
      else if (line.length > 0) line.length--;
  }
}
