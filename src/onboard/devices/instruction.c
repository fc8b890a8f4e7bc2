#include "instruction.h"

#define OPCODE_LOAD 0x03
#define OPCODE_STORE 0x23

static uint32_t field(uint32_t bits, unsigned low, unsigned count) { return bits >> low & ((1u << count) - 1); }

/* funct3 of loads and stores: bits 0 and 1 are the binary logarithm of the width, bit 2 means zero-extended. */
static bool decode_full(uint32_t bits, struct memory_instruction *to)
{
  uint32_t opcode = field(bits, 0, 7), funct3 = field(bits, 12, 3);
  bool store = opcode == OPCODE_STORE;
  if (store ? funct3 > 3 : opcode != OPCODE_LOAD || funct3 > 6)
    return false;
  *to = (struct memory_instruction){
      .store = store,
      .sign_extend = funct3 < 3,
      .width = (uint8_t)(1u << (funct3 & 3)),
      .reg = (uint8_t)field(bits, store ? 20 : 7, 5),
      .length = 4,
  };
  return true;
}

/* The compressed loads and stores, RV64: by quadrant and funct3, as in the table "RVC opcode map". */
struct compressed_row {
  uint8_t quadrant, funct3;
  bool store;
  uint8_t width, reg_low, reg_bits; /* where the register's number is; three bits name x8..x15 */
};
static const struct compressed_row compressed_rows[] = {
    {0, 2, false, 4, 2, 3}, /* c.lw */
    {0, 3, false, 8, 2, 3}, /* c.ld */
    {0, 6, true, 4, 2, 3},  /* c.sw */
    {0, 7, true, 8, 2, 3},  /* c.sd */
    {2, 2, false, 4, 7, 5}, /* c.lwsp */
    {2, 3, false, 8, 7, 5}, /* c.ldsp */
    {2, 6, true, 4, 2, 5},  /* c.swsp */
    {2, 7, true, 8, 2, 5},  /* c.sdsp */
};

static bool decode_compressed(uint32_t bits, struct memory_instruction *to)
{
  for (unsigned i = 0; i < sizeof compressed_rows / sizeof compressed_rows[0]; i++) {
    const struct compressed_row *row = &compressed_rows[i];
    if (row->quadrant != field(bits, 0, 2) || row->funct3 != field(bits, 13, 3))
      continue;
    uint32_t reg = field(bits, row->reg_low, row->reg_bits);
    *to = (struct memory_instruction){
        .store = row->store,
        .sign_extend = true,
        .width = row->width,
        .reg = (uint8_t)(row->reg_bits == 3 ? reg + 8 : reg),
        .length = 2,
    };
    return row->store || to->reg != 0; /* c.lwsp and c.ldsp into x0 are reserved */
  }
  return false;
}

bool instruction_decode(uint32_t bits, struct memory_instruction *to)
{
  return field(bits, 0, 2) == 3 ? decode_full(bits, to) : decode_compressed(bits & 0xffff, to);
}

/* Bits 15..19 hold the offset of the faulting byte from the access's address: a misaligned access, if not zero. */
bool instruction_decode_transformed(uint64_t htinst, struct memory_instruction *to)
{
  uint32_t bits = (uint32_t)htinst;
  if (htinst >> 32 || !(bits & 1) || field(bits, 15, 5) != 0 || !decode_full(bits | 2, to))
    return false;
  to->length = bits & 2 ? 4 : 2;
  return true;
}
