// Where the hypervisor lies in layer RAM; the firmware enters it in HS-mode at its first byte.
export const HYPERVISOR = { base: 0x8020_0000, size: 0x10_0000 };
