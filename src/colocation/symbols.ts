// What the testbed reads of the nanokernel: u32, the guest whose context is loaded, set before its first register is.
export const CURRENT_GUEST = 'current_guest';
