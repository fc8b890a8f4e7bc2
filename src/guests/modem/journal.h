/* The journal on the guest's disk: a sector for each entry, of which the last is the one that must not be lost. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* Writes that many entries, 16 ms apart, and says of each whether it is on the disk. */
void journal_run(uint64_t entries);
bool journal_interrupt(uint32_t source);
