/** Slips that no case can find, each with the reason. Titles as `slips.ts` makes them. */
export const EQUIVALENT: readonly { readonly reason: string; readonly slips: readonly string[] }[] = [
  {
    reason:
      'what a cache keeps until a fence is left open (12.2.1), and fences without an address empty the soft-TLBs: a matter of time',
    slips: [
      'soft_drop: (((held >>> 0xc) ^ page) & ~mask) & 0xfffffffffffff  ->  (((held >>> 0xc) ^ page) & ~mask) & 0x1ffffffffffffe',
      'soft_drop: end = i + 1;  ->  nothing',
      'soft_drop: mask == 0  ->  mask == 1',
      'soft_drop: put64(at, NO_PAGE);  ->  nothing',
      'fetch_drop: i32(page) & 0x3f  ->  i32(page) & 0x7e',
      'fetch_drop: i < end  ->  i >= end',
      'l1_insert: l1_drop(at, is_fetch);  ->  nothing',
      'l1_insert: next = (next + 1) & 0x1f;  ->  nothing',
      'soft_drop: i + 1  ->  i + 2',
      'soft_drop: i < end  ->  i >= end',
      'soft_drop: put64(at + 0x18, 0);  ->  nothing',
      'translate: at = l2_find(wanted, page);  ->  nothing',
      'l1_drop: (raw64(at) & TAG_VIRT) != 0  ->  (raw64(at) & TAG_VIRT) != 1',
      'l1_drop: raw64(at) & TAG_VIRT  ->  raw64(at)',
      'l1_drop: raw64(at) & TAG_VIRT  ->  raw64(at) & (TAG_VIRT << 1)',
      'l1_drop: (raw64(at) & TAG_VIRT) != 0  ->  (raw64(at) & TAG_VIRT) == 0',
      'l1_drop: if (raw64(at) == 0)  ->  without its condition',
      'l1_drop: raw64(at) == 0  ->  raw64(at) == 1',
      'translate: kind == FETCH  ->  kind != FETCH',
    ],
  },
  {
    reason: 'the sizes of entries are powers of two',
    slips: ['translate: walk_size >u 0x40000000  ->  walk_size >u 0x40000001'],
  },
  {
    reason: 'at host address 0 lie zeros: an entry that grants nothing, and the walk decides',
    slips: ['translate: if (at)  ->  without its condition'],
  },
  {
    reason: 'mideleg and hideleg hold no other bits',
    slips: [
      'csr_read vsie: (mie & hideleg) & VS_BITS  ->  mie & hideleg',
      'csr_read sip: (mip_now() & mideleg) & S_BITS  ->  mip_now() & mideleg',
      'csr_write sie: mideleg & S_BITS  ->  mideleg',
    ],
  },
  {
    reason: 'bits 54 to 63 of an entry that gets so far are zero',
    slips: ['walk: (pte >>> 0xa) & PPN_MASK  ->  pte >>> 0xa  (2)'],
  },
  {
    reason: 'without a row, csr_denied says illegal, too',
    slips: ['csr_access: row == 0xff  ->  row == 0x100'],
  },
  {
    reason: 'MPP is WARL: any mode that exists may follow the reserved one (3.1.6.1)',
    slips: ['set_mstatus: mstatus  ->  vsstatus  (2)'],
  },
  {
    reason: 'a misaligned store may be made in part before it faults (3.7.1), and each byte of it is checked again',
    slips: ['store_slow: STORE  ->  FETCH  (3)', 'store_slow: STORE  ->  FETCH  (5)'],
  },
  {
    reason: 'below M-mode the privilege of data is the privilege',
    slips: ['supervisor_return: priv  ->  data_priv', 'ecall_cause: priv  ->  data_priv  (2)'],
  },
  {
    reason: 'mret sets MPIE whatever it was',
    slips: ['machine_return: MPIE  ->  MIE'],
  },
  {
    reason: 'trap entry clears it',
    slips: ['raise: exception_tval2 = 0;  ->  nothing'],
  },
  {
    reason: 'eight rows that are off decide nothing',
    slips: ['pmp_allows: raw64(&pmpcfg + 8) == 0  ->  raw64(&pmpcfg + 8) == 1'],
  },
];
