#include "paging.h"
#include "console.h"
#include "hart-stack.h"
#include "harts.h"
#include "csr.h"
#include "devices/devices.h"
#include "page-table.h"
#include "platform.h"

#define SATP_SV39 (8ull << 60)

/* From the linker script, and start.S. */
extern char __text_start[], __text_end[], __rodata_start[], __rodata_end[], __data_start[], __image_end[];
extern char stacks[], stack_bottom[];

static pte_t root[PAGE_ENTRIES] __attribute__((aligned(PAGE_SIZE)));

static void map(uint64_t base, uint64_t end, uint64_t leaf, uint64_t flags)
{
  if (!page_table_map(root, (struct mapping){base, base, end - base, leaf, flags | PAGE_G}))
    stop("page tables are used up at", base);
}

static void map_image(const char *start, const char *end, uint64_t flags)
{
  map((uint64_t)start, (uint64_t)end, LEAF_4K, flags);
}

static void map_device(uint64_t base, uint64_t size) { map(base, base + size, LEAF_2M, PAGE_R | PAGE_W); }

static void translate(void)
{
  csr_write(satp, SATP_SV39 | (uint64_t)root / PAGE_SIZE);
  fence_addresses();
}

void paging_join(void) { translate(); }

void paging_start(const struct config *config)
{
  map_image(__text_start, __text_end, PAGE_R | PAGE_X);
  map_image(__rodata_start, __rodata_end, PAGE_R);
  map_image(__data_start, stacks, PAGE_R | PAGE_W);
  for (uint64_t other = 1; other < HARTS; other++)
    map_image(stack_bottom - other * STACK_STRIDE, stack_bottom - other * STACK_STRIDE + STACK_SIZE, PAGE_R | PAGE_W);
  map_image(stack_bottom, __image_end, PAGE_R | PAGE_W);
  map_device(PLIC_BASE, PLIC_SIZE);
  map_device(LAYER_UART_BASE, PAGE_SIZE);
  map_device(DOORBELL_BASE, PAGE_SIZE);
  if (config->iommu)
    map_device(IOMMU_BASE, PAGE_SIZE);
  for (uint32_t slot = 0; slot < VIRTIO_SLOTS; slot++)
    if (devices_sources >> VIRTIO_IRQ(slot) & 1)
      map_device(VIRTIO_SLOT_BASE(slot), PAGE_SIZE);
  map(config->pristine_base, config->pristine_base + config->pristine_size, LEAF_2M, PAGE_R);
  for (uint32_t i = 0; i < config->guest_count; i++) {
    map_device(UART_BASE(config->guests[i].uart), PAGE_SIZE);
    map_device(DMA_BASE(config->guests[i].dma), PAGE_SIZE);
  }
  translate();
}
