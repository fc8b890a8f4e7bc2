/** Registers of a DMA channel. SRC, DST and LENGTH have 64 bits, the others 32. */
export const DMA = { SRC: 0x00, DST: 0x08, LENGTH: 0x10, CONTROL: 0x18, STATUS: 0x1c } as const;
export const DMA_CONTROL = { START: 1, INTERRUPT_ENABLE: 2 } as const;
export const DMA_STATUS = { BUSY: 1, DONE: 2, ERROR: 4 } as const;
/** Bytes one transfer may copy at most. */
export const DMA_LENGTH_MAX = 0x10_0000;
