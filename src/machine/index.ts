/** The machine as the rest of the project sees it. */
export type { Accounting, GuestAccount, Share } from './accounts.ts';
export { board, GUEST_LIMIT, HART_LIMIT, RAM_BASE, sourceOwner } from './board.ts';
export type { DataWatch, Debugger, DebugStop } from './debugger.ts';
export { guestDeviceTree, type MachineDeviceTreeOptions, machineDeviceTree } from './device-tree.ts';
export type { Monitor } from './devices/monitor.ts';
export type { VirtioDevice, VirtioSlot } from './devices/virtio/slots.ts';
export type { Terminal } from './devices/virtio/terminal.ts';
export { type Elf, ElfError, parseElf } from './elf.ts';
export { CSR_NAMES, type CsrName, type HartPort } from './hart-port.ts';
export { assembleProgram, type Program } from './isa/assemble.ts';
export type { EffectKind, Ledger, LedgerEntry, Party } from './ledger.ts';
export { createMachine, Machine } from './machine.ts';
export type { MachineOptions, WorldsRule } from './options.ts';
export type { Events, PartyName, Probe } from './probe.ts';
export type { Snapshot } from './snapshot.ts';
export type { Stop } from './stop.ts';
export type { AdversarialTranslation, Translation } from './translation.ts';
export type { Watch } from './watchpoint.ts';
