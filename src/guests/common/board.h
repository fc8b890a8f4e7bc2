/* What the guest knows of its hardware: all of it from the device tree. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct board {
  const char *bootargs;
  uint64_t ram_base, ram_size;
  /* Addresses; 0 = absent. `uart` is the console, `serial` another that it may have besides. */
  uint64_t uart, serial, plic, monitor, dma, disk, network;
  uint32_t plic_context; /* of this hart's S-mode */
  uint32_t serial_irq, dma_irq, disk_irq, network_irq, services_irq;
  uint32_t ticks_per_us;
  bool sstc;
};

extern struct board board;

/* Reads the device tree into `board`; false if it is not one. */
bool board_read(const void *device_tree);

/* Boot arguments are words `key=value`, separated by blanks. */
bool bootarg_is(const char *key, const char *value);
uint64_t bootarg_number(const char *key, uint64_t otherwise); /* decimal */
