/* A reader of flattened device trees (Devicetree Specification 0.4, chapter 5), enough to find one's own devices. It
 * makes one pass and keeps, for each open node, the few properties that decide what the node is. All nodes that matter
 * here have two address and two size cells. */
#include "board.h"
#include "string.h"
#include "virtio.h"

#define FDT_MAGIC 0xd00dfeed
enum { FDT_BEGIN_NODE = 1, FDT_END_NODE = 2, FDT_PROP = 3, FDT_NOP = 4, FDT_END = 9 };

#define MAX_DEPTH 8
#define IRQ_SUPERVISOR_EXTERNAL 9

/* Properties point into the tree: big-endian cells. */
struct property {
  const uint32_t *cells;
  uint32_t bytes;
};

struct node {
  struct property compatible, device_type, reg, interrupts, interrupts_extended;
};

struct board board;

static uint32_t cell(const uint32_t *at) {
  const uint8_t *byte = (const uint8_t *)at;
  return (uint32_t)byte[0] << 24 | (uint32_t)byte[1] << 16 | (uint32_t)byte[2] << 8 | byte[3];
}

static uint64_t two_cells(const uint32_t *at) { return (uint64_t)cell(at) << 32 | cell(at + 1); }

/* Does the list of strings hold this one? */
static bool holds(struct property list, const char *wanted) {
  const char *s = (const char *)list.cells;
  for (uint32_t at = 0; at < list.bytes; at += strlen(s + at) + 1)
    if (strcmp(s + at, wanted) == 0) return true;
  return false;
}

static bool contains(const char *text, const char *part) {
  size_t length = strlen(part);
  for (; *text; text++) {
    size_t i = 0;
    while (i < length && text[i] == part[i]) i++;
    if (i == length) return true;
  }
  return false;
}

static uint64_t reg_base(const struct node *node) { return node->reg.bytes >= 8 ? two_cells(node->reg.cells) : 0; }
static uint32_t first_irq(const struct node *node) {
  return node->interrupts.bytes >= 4 ? cell(node->interrupts.cells) : 0;
}

/* The contexts of the PLIC stand in the order of the pairs {hart's controller, its interrupt}. */
static uint32_t supervisor_context(const struct node *plic) {
  for (uint32_t i = 0; i < plic->interrupts_extended.bytes / 8; i++)
    if (cell(plic->interrupts_extended.cells + 2 * i + 1) == IRQ_SUPERVISOR_EXTERNAL) return i;
  return 0;
}

/* The console comes first. */
static void take_uart(const struct node *node) {
  if (!board.uart) {
    board.uart = reg_base(node);
  } else {
    board.serial = reg_base(node);
    board.serial_irq = first_irq(node);
  }
}

/* What a slot holds only the slot knows. */
static void take_virtio(const struct node *node) {
  uint64_t base = reg_base(node);
  switch (virtio_load(base, VIRTIO_DEVICE_ID)) {
    case VIRTIO_BLOCK:
      board.disk = base;
      board.disk_irq = first_irq(node);
      break;
    case VIRTIO_NETWORK:
      board.network = base;
      board.network_irq = first_irq(node);
      break;
  }
}

static void take_node(const struct node *node) {
  if (holds(node->compatible, "ns16550a")) {
    take_uart(node);
  } else if (holds(node->compatible, "riscv,plic0")) {
    board.plic = reg_base(node);
    board.plic_context = supervisor_context(node);
  } else if (holds(node->compatible, "taco,monitor")) {
    board.monitor = reg_base(node);
  } else if (holds(node->compatible, "taco,dma")) {
    board.dma = reg_base(node);
    board.dma_irq = first_irq(node);
  } else if (holds(node->compatible, "virtio,mmio")) {
    take_virtio(node);
  } else if (holds(node->compatible, "taco,services")) {
    board.services_irq = first_irq(node);
  } else if (holds(node->device_type, "memory") && node->reg.bytes >= 16) {
    board.ram_base = reg_base(node);
    board.ram_size = two_cells(node->reg.cells + 2);
  }
}

static void take_property(struct node *node, const char *name, struct property value) {
  if (strcmp(name, "compatible") == 0) node->compatible = value;
  else if (strcmp(name, "device_type") == 0) node->device_type = value;
  else if (strcmp(name, "reg") == 0) node->reg = value;
  else if (strcmp(name, "interrupts") == 0) node->interrupts = value;
  else if (strcmp(name, "interrupts-extended") == 0) node->interrupts_extended = value;
  else if (strcmp(name, "bootargs") == 0) board.bootargs = (const char *)value.cells;
  else if (strcmp(name, "timebase-frequency") == 0) board.ticks_per_us = cell(value.cells) / 1000000;
  else if (strcmp(name, "riscv,isa") == 0) board.sstc = contains((const char *)value.cells, "_sstc");
}

bool board_read(const void *device_tree) {
  const uint32_t *header = device_tree;
  if (cell(header) != FDT_MAGIC) return false;
  const uint32_t *token = header + cell(header + 2) / 4;
  const char *names = (const char *)device_tree + cell(header + 3);
  struct node open[MAX_DEPTH];
  uint32_t depth = 0;

  board.bootargs = "";
  for (;;) {
    switch (cell(token++)) {
      case FDT_BEGIN_NODE:
        if (depth == MAX_DEPTH) return false;
        open[depth++] = (struct node){0};
        token += strlen((const char *)token) / 4 + 1; /* the name, padded */
        break;
      case FDT_END_NODE:
        if (depth == 0) return false;
        take_node(&open[--depth]);
        break;
      case FDT_PROP: {
        struct property value = {.cells = token + 2, .bytes = cell(token)};
        if (depth == 0) return false;
        take_property(&open[depth - 1], names + cell(token + 1), value);
        token += 2 + (value.bytes + 3) / 4;
        break;
      }
      case FDT_NOP:
        break;
      case FDT_END:
        return board.uart && board.monitor && board.ram_size;
      default:
        return false;
    }
  }
}

/* The text after `key=`, or NULL. */
static const char *bootarg(const char *key) {
  size_t length = strlen(key);
  for (const char *word = board.bootargs; *word;) {
    size_t i = 0;
    while (i < length && word[i] == key[i]) i++;
    if (i == length && word[i] == '=') return word + i + 1;
    while (*word && *word != ' ') word++;
    while (*word == ' ') word++;
  }
  return NULL;
}

bool bootarg_is(const char *key, const char *value) {
  const char *text = bootarg(key);
  if (!text) return false;
  while (*value && *text == *value) text++, value++;
  return !*value && (!*text || *text == ' ');
}

uint64_t bootarg_number(const char *key, uint64_t otherwise) {
  const char *text = bootarg(key);
  if (!text || *text < '0' || *text > '9') return otherwise;
  uint64_t number = 0;
  for (; *text >= '0' && *text <= '9'; text++) number = number * 10 + (uint64_t)(*text - '0');
  return number;
}
