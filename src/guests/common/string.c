#include "string.h"

#include <stdint.h>

/* Without this the compiler may see the loops for what they are and call memcpy and memset from within. */
#pragma GCC optimize("no-tree-loop-distribute-patterns")

static int aligned(const void *a, const void *b, size_t size) {
  return (((uintptr_t)a | (uintptr_t)b | size) & 7) == 0;
}

void *memcpy(void *restrict to, const void *restrict from, size_t size) {
  if (aligned(to, from, size)) {
    uint64_t *t = to;
    const uint64_t *f = from;
    for (size_t i = 0; i < size / 8; i++) t[i] = f[i];
  } else {
    char *t = to;
    const char *f = from;
    for (size_t i = 0; i < size; i++) t[i] = f[i];
  }
  return to;
}

void *memset(void *to, int byte, size_t size) {
  if (aligned(to, NULL, size)) {
    uint64_t word = (uint8_t)byte * 0x0101010101010101ul;
    uint64_t *t = to;
    for (size_t i = 0; i < size / 8; i++) t[i] = word;
  } else {
    char *t = to;
    for (size_t i = 0; i < size; i++) t[i] = (char)byte;
  }
  return to;
}

int strcmp(const char *a, const char *b) {
  while (*a && *a == *b) a++, b++;
  return (uint8_t)*a - (uint8_t)*b;
}

size_t strlen(const char *s) {
  size_t n = 0;
  while (s[n]) n++;
  return n;
}
