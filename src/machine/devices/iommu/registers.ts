// The registers of a RISC-V IOMMU ("RISC-V IOMMU Architecture Specification" 1.0, whose sections go by their
// titles in comments, as their numbers differ between editions). What is optional and absent
// here (page requests, counters, the debug interface, messages as interrupts) reads zero.

/** Offsets. CAPABILITIES, DDTP, CQB and FQB have 64 bits, the others 32. */
export const IOMMU = {
  CAPABILITIES: 0x00,
  FCTL: 0x08,
  DDTP: 0x10,
  CQB: 0x18,
  CQH: 0x20,
  CQT: 0x24,
  FQB: 0x28,
  FQH: 0x30,
  FQT: 0x34,
  CQCSR: 0x48,
  FQCSR: 0x4c,
  IPSR: 0x54,
} as const;

/** Modes of ddtp: no access passes, all pass unchanged, or a device directory of one to three levels decides. */
export const DDTP_MODE = { OFF: 0, BARE: 1, LEVELS_1: 2, LEVELS_2: 3, LEVELS_3: 4 } as const;

/** Of cqcsr and fqcsr alike. */
export const QUEUE_CSR = { ENABLE: 1 << 0, INTERRUPT_ENABLE: 1 << 1, MEMORY_FAULT: 1 << 8, ON: 1 << 16 } as const;
/** Of cqcsr. Nothing here times out, so cmd_to is never set. */
export const COMMAND_CSR = { ILLEGAL: 1 << 10, FENCE_INTERRUPT: 1 << 11 } as const;
/** Of fqcsr. */
export const FAULT_CSR = { OVERFLOW: 1 << 9 } as const;
/** Of ipsr. */
export const INTERRUPT = { COMMAND: 1 << 0, FAULT: 1 << 1 } as const;

/** Interrupts are a wire; there is no other way. */
export const FCTL_WIRE = 1 << 1;

const VERSION_1_0 = 0x10;
const SV39X4 = 1 << 17;
const SV48X4 = 1 << 18;
const INTERRUPTS_BY_WIRE = 1 << 28;
/** What a 44-bit PPN reaches. */
const PHYSICAL_ADDRESS_BITS = 56;
/** There is no first stage: iosatp must be bare. So are all options left out: A and D bits by hardware, big-endian memory,
 * process contexts, messages as interrupts, ATS. */
export const CAPABILITIES_LOW = VERSION_1_0 | SV39X4 | SV48X4 | INTERRUPTS_BY_WIRE;
export const CAPABILITIES_HIGH = PHYSICAL_ADDRESS_BITS;

const NAMES = new Map<number, string>(Object.entries(IOMMU).map(([name, offset]) => [offset, name.toLowerCase()]));

export function iommuRegisterName(offset: number): string {
  const half = NAMES.has(offset) ? '' : '+4';
  return (NAMES.get(offset) ?? NAMES.get(offset - 4) ?? 'unimplemented') + (NAMES.has(offset - 4) ? half : '');
}
