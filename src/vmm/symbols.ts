// What the testbed reads of the hypervisor: u32, the guest whose context is loaded, and the root tables of the G-stages,
// one of 16 KiB for each guest (Sv39x4).
export const CURRENT_GUEST = 'current_guest';
export const GSTAGE_ROOTS = 'gstage_roots';
