/* Generated from src/machine/board.ts by `npm run images`; do not edit. Plain constants also serve assembly. */
#pragma once

#ifdef __ASSEMBLER__
#define PLATFORM_ADDRESS(value) value
#else
#define PLATFORM_ADDRESS(value) value##ul
#endif

#define RAM_BASE PLATFORM_ADDRESS(0x80000000)
#define MAX_HARTS 4
#define TIMEBASE_HZ 10000000
#define CYCLES_PER_TICK 100

#define FINISHER_BASE PLATFORM_ADDRESS(0x100000)
#define FINISHER_PASS 0x5555
#define FINISHER_FAIL 0x3333
#define FINISHER_RESET 0x7777

#define CLINT_BASE PLATFORM_ADDRESS(0x2000000)
#define CLINT_MSIP(hart) (CLINT_BASE + 0x0 + 4 * (hart))
#define CLINT_MTIMECMP(hart) (CLINT_BASE + 0x4000 + 8 * (hart))
#define CLINT_MTIME (CLINT_BASE + 0xbff8)

#define PLIC_BASE PLATFORM_ADDRESS(0xc000000)
#define PLIC_SIZE 0x600000
#define PLIC_SOURCES 63
#define PLIC_CONTEXT_M(hart) (2 * (hart))
#define PLIC_CONTEXT_S(hart) (2 * (hart) + 1)
/* Addresses of the registers, all of 32 bits; `word` is source / 32. */
#define PLIC_PRIORITY(source) (PLIC_BASE + 0x0 + 4 * (source))
#define PLIC_PENDING(word) (PLIC_BASE + 0x1000 + 4 * (word))
#define PLIC_ENABLE(context, word) (PLIC_BASE + 0x2000 + 0x80 * (context) + 4 * (word))
#define PLIC_THRESHOLD(context) (PLIC_BASE + 0x200000 + 0x1000 * (context))
#define PLIC_CLAIM(context) (PLIC_BASE + 0x200004 + 0x1000 * (context))

#define UART_CLOCK_HZ 3686400
#define UART_BASE(g) ((g) == 0 ? PLATFORM_ADDRESS(0x10000000) : (g) == 1 ? PLATFORM_ADDRESS(0x10010000) : (g) == 2 ? PLATFORM_ADDRESS(0x10011000) : PLATFORM_ADDRESS(0x10012000))
#define UART_IRQ(g) ((g) == 0 ? 10 : (g) == 1 ? 11 : (g) == 2 ? 12 : 13)
#define LAYER_UART_BASE PLATFORM_ADDRESS(0x10013000)

/* Offsets of 64-bit registers; MONITOR_ARG is the first of eight. */
#define MONITOR_BASE(g) ((g) == 0 ? PLATFORM_ADDRESS(0x10020000) : (g) == 1 ? PLATFORM_ADDRESS(0x10021000) : (g) == 2 ? PLATFORM_ADDRESS(0x10022000) : PLATFORM_ADDRESS(0x10023000))
#define MONITOR_MAGIC_VALUE 0x6f636174
#define MONITOR_MAGIC 0x0
#define MONITOR_GUEST 0x8
#define MONITOR_HEARTBEAT 0x10
#define MONITOR_OUTPUT 0x18
#define MONITOR_PHASE 0x20
#define MONITOR_DEADLINE 0x28
#define MONITOR_SENSOR_INDEX 0x30
#define MONITOR_SENSOR 0x38
#define MONITOR_BUG 0x40
#define MONITOR_TARGET 0x48
#define MONITOR_VALUE 0x50
#define MONITOR_WORK 0x58
#define MONITOR_END 0x60
#define MONITOR_REPORT 0x68
#define MONITOR_CRASH 0x70
#define MONITOR_ARG 0x80

#define DOORBELL_BASE PLATFORM_ADDRESS(0x10030000)
#define DOORBELL_RAISE 0x0
#define DOORBELL_LOWER 0x4
#define SERVICE_IRQ(g) (24 + (g))
#define VIRTUAL_IRQ(g) ((g) == 0 ? 9 : (g) == 1 ? 29 : (g) == 2 ? 30 : 31)

/* Offsets; SRC, DST and LENGTH have 64 bits, CONTROL and STATUS 32. */
#define DMA_BASE(g) ((g) == 0 ? PLATFORM_ADDRESS(0x10040000) : (g) == 1 ? PLATFORM_ADDRESS(0x10041000) : (g) == 2 ? PLATFORM_ADDRESS(0x10042000) : PLATFORM_ADDRESS(0x10043000))
#define DMA_IRQ(g) ((g) == 0 ? 16 : (g) == 1 ? 17 : (g) == 2 ? 18 : 19)
#define DMA_SRC 0x0
#define DMA_DST 0x8
#define DMA_LENGTH 0x10
#define DMA_CONTROL 0x18
#define DMA_STATUS 0x1c
#define DMA_LENGTH_MAX 0x100000
#define DMA_CONTROL_START 0x1
#define DMA_CONTROL_INTERRUPT_ENABLE 0x2
#define DMA_STATUS_BUSY 0x1
#define DMA_STATUS_DONE 0x2
#define DMA_STATUS_ERROR 0x4

#define VIRTIO_SLOTS 8
#define VIRTIO_SLOT_BASE(slot) (PLATFORM_ADDRESS(0x10001000) + 0x1000 * (slot))
#define VIRTIO_IRQ(slot) (1 + (slot))

/* Only where the configuration block says so. Offsets; CAPABILITIES, DDTP, CQB and FQB have 64 bits, the others 32. */
#define IOMMU_BASE PLATFORM_ADDRESS(0x3010000)
#define IOMMU_IRQ 36
#define IOMMU_CAPABILITIES 0x0
#define IOMMU_FCTL 0x8
#define IOMMU_DDTP 0x10
#define IOMMU_CQB 0x18
#define IOMMU_CQH 0x20
#define IOMMU_CQT 0x24
#define IOMMU_FQB 0x28
#define IOMMU_FQH 0x30
#define IOMMU_FQT 0x34
#define IOMMU_CQCSR 0x48
#define IOMMU_FQCSR 0x4c
#define IOMMU_IPSR 0x54
#define IOMMU_DEVICE_DMA(g) (g)
#define IOMMU_DEVICE_VIRTIO(slot) (4 + (slot))

/* Devices of layers: a page for each kind, numbered from VIRTUAL_BASE on. Registers of virtio over MMIO. */
#define VIRTUAL_BASE PLATFORM_ADDRESS(0x10050000)
#define VIRTUAL_PLIC_BASE PLATFORM_ADDRESS(0x11000000)
#define VIRTUAL_SIZE 0x1000
#define VIRTUAL_KINDS 0x5
#define VIRTUAL_CONSOLE 0x0
#define VIRTUAL_SERIAL 0x1
#define VIRTUAL_ETHERNET 0x2
#define VIRTUAL_RTC 0x3
#define VIRTUAL_DISK 0x4
#define VIRTIO_MAGIC 0x0
#define VIRTIO_VERSION 0x4
#define VIRTIO_DEVICE_ID 0x8
#define VIRTIO_VENDOR_ID 0xc
#define VIRTIO_DEVICE_FEATURES 0x10
#define VIRTIO_DEVICE_FEATURES_SELECT 0x14
#define VIRTIO_DRIVER_FEATURES 0x20
#define VIRTIO_DRIVER_FEATURES_SELECT 0x24
#define VIRTIO_QUEUE_SELECT 0x30
#define VIRTIO_QUEUE_SIZE_MAX 0x34
#define VIRTIO_QUEUE_SIZE 0x38
#define VIRTIO_QUEUE_READY 0x44
#define VIRTIO_QUEUE_NOTIFY 0x50
#define VIRTIO_INTERRUPT_STATUS 0x60
#define VIRTIO_INTERRUPT_ACK 0x64
#define VIRTIO_STATUS 0x70
#define VIRTIO_QUEUE_DESCRIPTORS_LOW 0x80
#define VIRTIO_QUEUE_DESCRIPTORS_HIGH 0x84
#define VIRTIO_QUEUE_AVAILABLE_LOW 0x90
#define VIRTIO_QUEUE_AVAILABLE_HIGH 0x94
#define VIRTIO_QUEUE_USED_LOW 0xa0
#define VIRTIO_QUEUE_USED_HIGH 0xa4
#define VIRTIO_SHARED_LENGTH_LOW 0xb0
#define VIRTIO_SHARED_LENGTH_HIGH 0xb4
#define VIRTIO_SHARED_BASE_LOW 0xb8
#define VIRTIO_SHARED_BASE_HIGH 0xbc
#define VIRTIO_CONFIG_GENERATION 0xfc
#define VIRTIO_CONFIG 0x100
