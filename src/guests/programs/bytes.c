// Bytes and strings, and a compressor.
#include "programs.h"

static uint32_t crc_of(const uint32_t *table, const uint8_t *from, uint32_t length) {
  uint32_t crc = ~0u;
  for (uint32_t i = 0; i < length; i++) crc = table[(crc ^ from[i]) & 0xff] ^ crc >> 8;
  return ~crc;
}

// CRC-32 of "123456789" is 0xcbf43926; a text reversed twice is the same text.
int bytes(void) {
  enum { LENGTH = 1 << 14 };
  uint32_t *table = (uint32_t *)arena;
  uint8_t *text = arena + 4096;
  uint8_t *copy = text + LENGTH;
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t c = i;
    for (int bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320u ^ c >> 1 : c >> 1;
    table[i] = c;
  }
  if (crc_of(table, (const uint8_t *)"123456789", 9) != 0xcbf43926u) return 1;
  uint32_t random = 1;
  for (uint32_t i = 0; i < LENGTH - 1; i++) text[i] = 'a' + next_random(&random) % 26;
  text[LENGTH - 1] = 0;
  uint32_t crc = crc_of(table, text, LENGTH);
  uint32_t length = 0;
  while (text[length]) length++;
  for (int twice = 0; twice < 2; twice++) {
    for (uint32_t i = 0; i < length; i++) copy[i] = text[length - 1 - i];
    copy[length] = 0;
    for (uint32_t i = 0; i <= length; i++) text[i] = copy[i];
  }
  return length != LENGTH - 1 || crc_of(table, text, LENGTH) != crc;
}

// LZ77 by a table of the last place of each hash of three bytes: literals 0 c, matches length distance(2).
static uint32_t compress(const uint8_t *from, uint32_t length, uint8_t *to, uint16_t *places) {
  enum { HASHES = 1 << 12, LONGEST = 255 };
  for (uint32_t i = 0; i < HASHES; i++) places[i] = 0;
  uint32_t out = 0;
  for (uint32_t at = 0; at < length;) {
    uint32_t best = 0;
    uint32_t distance = 0;
    if (at + 3 <= length) {
      uint32_t hash = (from[at] * 2654435761u ^ from[at + 1] * 40503u ^ from[at + 2] * 2477u) % HASHES;
      uint32_t place = places[hash];
      places[hash] = at + 1;
      if (place > 0) {
        const uint8_t *old = from + place - 1;
        while (best < LONGEST && at + best < length && old[best] == from[at + best]) best++;
        distance = at - (place - 1);
      }
    }
    if (best >= 4) {
      to[out++] = best;
      to[out++] = distance;
      to[out++] = distance >> 8;
      at += best;
    } else {
      to[out++] = 0;
      to[out++] = from[at++];
    }
  }
  return out;
}

static uint32_t expand(const uint8_t *from, uint32_t length, uint8_t *to) {
  uint32_t out = 0;
  for (uint32_t at = 0; at < length;) {
    uint32_t count = from[at++];
    if (count == 0) {
      to[out++] = from[at++];
      continue;
    }
    uint32_t distance = from[at] | from[at + 1] << 8;
    at += 2;
    for (; count > 0; count--, out++) to[out] = to[out - distance];
  }
  return out;
}

// A text of words, compressed and expanded again.
int compressor(void) {
  enum { LENGTH = 1 << 14 };
  static const char *const words[] = {"region ", "hart ", "trap ", "guest ", "world ", "page ", "fence ", "quantum "};
  uint8_t *text = arena;
  uint8_t *packed = text + LENGTH;
  uint8_t *unpacked = packed + 2 * LENGTH;
  uint16_t *places = (uint16_t *)(unpacked + LENGTH);
  uint32_t random = 7;
  for (uint32_t at = 0; at < LENGTH;) {
    for (const char *word = words[next_random(&random) % 8]; *word && at < LENGTH; word++) text[at++] = *word;
  }
  uint32_t size = compress(text, LENGTH, packed, places);
  if (size >= LENGTH || expand(packed, size, unpacked) != LENGTH) return 1;
  for (uint32_t i = 0; i < LENGTH; i++) {
    if (text[i] != unpacked[i]) return 1;
  }
  return 0;
}
