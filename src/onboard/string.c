/* The compiler must not recognise these loops as the functions they are in. */
#pragma GCC optimize("no-tree-loop-distribute-patterns")
#include "string.h"
#include <stdint.h>

/* Lowest byte first, by words where both sides are aligned; right for overlapping ranges if `to` is the lower one. */
static void copy_upwards(void *to, const void *from, size_t length)
{
  unsigned char *t = to;
  const unsigned char *f = from;
  if ((((uintptr_t)t | (uintptr_t)f) & 7) == 0)
    for (; length >= 8; length -= 8, t += 8, f += 8)
      *(uint64_t *)t = *(const uint64_t *)f;
  while (length--)
    *t++ = *f++;
}

void *memcpy(void *restrict to, const void *restrict from, size_t length)
{
  copy_upwards(to, from, length);
  return to;
}

void *memmove(void *to, const void *from, size_t length)
{
  unsigned char *t = to;
  const unsigned char *f = from;
  if (t <= f)
    copy_upwards(to, from, length);
  else
    while (length--)
      t[length] = f[length];
  return to;
}

void *memset(void *to, int byte, size_t length)
{
  unsigned char *t = to;
  uint64_t pattern = (unsigned char)byte * 0x0101010101010101ull;
  if (((uintptr_t)t & 7) == 0)
    for (; length >= 8; length -= 8, t += 8)
      *(uint64_t *)t = pattern;
  while (length--)
    *t++ = (unsigned char)byte;
  return to;
}

int memcmp(const void *a, const void *b, size_t length)
{
  const unsigned char *x = a, *y = b;
  for (; length--; x++, y++)
    if (*x != *y)
      return *x - *y;
  return 0;
}

size_t strlen(const char *text)
{
  const char *end = text;
  while (*end)
    end++;
  return (size_t)(end - text);
}
