#include "iommu.h"
#include "console.h"
#include "devices/devices.h"
#include "exclusive.h"
#include "gstage.h"
#include "mmio.h"
#include "page-table.h"
#include "platform.h"
#include "vplic.h"

#define CAPABILITIES_VERSION 0xff
#define CAPABILITIES_1_0 0x10
#define CAPABILITIES_SV39X4 (1u << 17)
#define DDTP_ONE_LEVEL 2ull
#define DEVICES 128 /* in a directory of one level */

#define TC_VALID 1ull
#define TC_SILENT (1ull << 4) /* DTF: translation faults are not reported */
struct device_context {
  uint64_t tc, iohgatp, ta, fsc;
};
static struct device_context directory[DEVICES] __attribute__((aligned(PAGE_SIZE)));
static uint8_t owners[DEVICES]; /* guest + 1, or 0 */

#define QUEUE_ENABLE 1u
#define QUEUE_INTERRUPT_ENABLE 2u
#define QUEUE_ERRORS 0xf00u /* cleared by writing ones */
#define QUEUE_PPN_SHIFT 10
#define PENDING_ALL 0xfu

/* Of one act: three commands for each device a guest can have, and the fence. */
#define COMMANDS 64
#define COMMANDS_LOG2 6
struct command {
  uint64_t operation, address;
};
static struct command commands[COMMANDS] __attribute__((aligned(PAGE_SIZE)));
static uint32_t command_tail;

#define IOTINVAL_VMA 1ull
#define IOTINVAL_GVMA (1ull | 1ull << 7)
#define IOTINVAL_GV (1ull << 33)
#define IOFENCE_C 2ull
#define IODIR_INVAL_DDT 3ull
#define IODIR_DV (1ull << 33)
#define IODIR_DID_SHIFT 40
/* hgatp and iohgatp have the same fields; VMID and GSCID begin at the same bit, as does the operand of a command. */
#define GSCID_MASK (0xffffull << 44)

#define FAULTS 64
#define FAULTS_LOG2 6
#define FAULT_DEVICE_SHIFT 40
struct fault_record {
  uint64_t what, reserved, iova, guest_physical;
};
static struct fault_record faults[FAULTS] __attribute__((aligned(PAGE_SIZE)));
uint64_t iommu_faults[MAX_GUESTS]; /* taken from the queue, by the guest whose device it was */

/* Reads of a register until the commands, some tens of cycles each, must be done. */
#define PATIENCE 10000

static bool present;

static void command(uint64_t operation)
{
  commands[command_tail] = (struct command){operation, 0};
  command_tail = (command_tail + 1) % COMMANDS;
}

/* Hands the commands over, and waits until they are done. */
static void commit(void)
{
  command(IOFENCE_C);
  __asm__ volatile("fence w, o" : : : "memory");
  mmio_write32(IOMMU_BASE + IOMMU_CQT, command_tail);
  for (unsigned i = 0; mmio_read32(IOMMU_BASE + IOMMU_CQH) != command_tail; i++)
    if (i == PATIENCE)
      stop("the IOMMU does not answer: cqcsr", mmio_read32(IOMMU_BASE + IOMMU_CQCSR));
}

/* What the specification asks for where a device context was changed. */
static void context_changed(uint32_t device)
{
  uint64_t gscid = directory[device].iohgatp & GSCID_MASK;
  command(IODIR_INVAL_DDT | IODIR_DV | (uint64_t)device << IODIR_DID_SHIFT);
  command(IOTINVAL_VMA | IOTINVAL_GV | gscid);
  command(IOTINVAL_GVMA | IOTINVAL_GV | gscid);
}

static void assign(uint32_t device, uint32_t guest)
{
  directory[device] = (struct device_context){.tc = TC_VALID, .iohgatp = gstage_hgatp(guest)};
  owners[device] = (uint8_t)(guest + 1);
}

/* The devices of a guest are known by the interrupts that it owns. */
static void assign_devices(uint32_t guest, uint64_t sources)
{
  for (uint32_t channel = 0; channel < MAX_GUESTS; channel++)
    if (sources >> DMA_IRQ(channel) & 1)
      assign(IOMMU_DEVICE_DMA(channel), guest);
  for (uint32_t slot = 0; slot < VIRTIO_SLOTS; slot++)
    if (sources >> VIRTIO_IRQ(slot) & 1)
      assign(IOMMU_DEVICE_VIRTIO(slot), guest);
}

static uint64_t queue_base(const void *queue, unsigned log2_entries)
{
  return (uint64_t)queue / PAGE_SIZE << QUEUE_PPN_SHIFT | (log2_entries - 1);
}

static void check_hardware(void)
{
  uint64_t capabilities = mmio_read64(IOMMU_BASE + IOMMU_CAPABILITIES);
  if ((capabilities & CAPABILITIES_VERSION) != CAPABILITIES_1_0 || !(capabilities & CAPABILITIES_SV39X4))
    stop("the IOMMU is no 1.0 with Sv39x4: capabilities", capabilities);
}

void iommu_build(const struct config *config)
{
  present = config->iommu != 0;
  if (!present)
    return;
  for (uint32_t i = 0; i < config->guest_count; i++)
    assign_devices(i, config->guests[i].sources);
  for (uint32_t slot = 0; slot < VIRTIO_SLOTS; slot++)
    if (devices_sources >> VIRTIO_IRQ(slot) & 1)
      directory[IOMMU_DEVICE_VIRTIO(slot)] = (struct device_context){.tc = TC_VALID}; /* ours: addresses as they are */
}

void iommu_start(void)
{
  if (!present)
    return;
  check_hardware();
  mmio_write64(IOMMU_BASE + IOMMU_CQB, queue_base(commands, COMMANDS_LOG2));
  mmio_write32(IOMMU_BASE + IOMMU_CQT, 0);
  mmio_write32(IOMMU_BASE + IOMMU_CQCSR, QUEUE_ENABLE);
  mmio_write64(IOMMU_BASE + IOMMU_FQB, queue_base(faults, FAULTS_LOG2));
  mmio_write32(IOMMU_BASE + IOMMU_FQH, 0);
  mmio_write32(IOMMU_BASE + IOMMU_FQCSR, QUEUE_ENABLE | QUEUE_INTERRUPT_ENABLE);
  __asm__ volatile("fence w, o" : : : "memory");
  mmio_write64(IOMMU_BASE + IOMMU_DDTP, (uint64_t)directory / PAGE_SIZE << QUEUE_PPN_SHIFT | DDTP_ONE_LEVEL);
  command(IODIR_INVAL_DDT);
  command(IOTINVAL_GVMA);
  commit();
  vplic_serve(1ull << IOMMU_IRQ);
}

static void take_fault(const struct fault_record *fault)
{
  uint64_t device = fault->what >> FAULT_DEVICE_SHIFT;
  if (device >= DEVICES || owners[device] == 0)
    return;
  iommu_faults[owners[device] - 1]++;
  if (directory[device].tc & TC_SILENT)
    return;
  directory[device].tc |= TC_SILENT;
  context_changed((uint32_t)device);
}

/* What arrives after `tail` was read raises the interrupt anew. */
void iommu_take_faults(void)
{
  exclusive_begin();
  mmio_write32(IOMMU_BASE + IOMMU_FQCSR, QUEUE_ENABLE | QUEUE_INTERRUPT_ENABLE | QUEUE_ERRORS);
  mmio_write32(IOMMU_BASE + IOMMU_IPSR, PENDING_ALL);
  uint32_t head = mmio_read32(IOMMU_BASE + IOMMU_FQH) % FAULTS;
  uint32_t tail = mmio_read32(IOMMU_BASE + IOMMU_FQT) % FAULTS;
  __asm__ volatile("fence i, r" : : : "memory");
  for (; head != tail; head = (head + 1) % FAULTS)
    take_fault(&faults[head]);
  mmio_write32(IOMMU_BASE + IOMMU_FQH, head);
  commit();
  exclusive_end();
}

void iommu_reset(uint32_t guest)
{
  if (!present)
    return;
  exclusive_begin();
  for (uint32_t device = 0; device < DEVICES; device++) {
    if (owners[device] != guest + 1)
      continue;
    directory[device].tc &= ~TC_SILENT;
    context_changed(device);
  }
  commit();
  exclusive_end();
}
