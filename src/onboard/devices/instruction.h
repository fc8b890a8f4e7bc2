/* Loads and stores of a guest that the hypervisor carries out: plain integer ones, compressed forms included. AMO,
 * LR/SC and FP ones are not decoded: at a virtual device they fault, in every mode. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct memory_instruction {
  bool store, sign_extend;
  uint8_t width;    /* bytes: 1, 2, 4, 8 */
  uint8_t reg;      /* loaded into, or stored from */
  uint8_t length;   /* of the instruction: 2 or 4 bytes */
};

/* A 32-bit instruction, or one of 16 bits in the low half. False if it is not a plain load or store. */
bool instruction_decode(uint32_t bits, struct memory_instruction *to);
/* What the hart left in htinst: the instruction "transformed", which is a 32-bit one whose bit 1 tells if it was
 * compressed. False for anything else, as for the pseudoinstructions of page walks. */
bool instruction_decode_transformed(uint64_t htinst, struct memory_instruction *to);
