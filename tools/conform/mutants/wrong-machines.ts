import type { Rewrite } from './rewrite.ts';

/** A machine that is wrong in the way that another one was: each must be killed. */
export interface WrongMachine extends Rewrite {
  readonly id: string;
  readonly title: string;
  /** Where the like of it was found. */
  readonly mirrors: string;
}

const wrong =
  (number: string, mirrors: string) =>
  (letter: string, title: string, change: Rewrite): WrongMachine => ({
    id: number + letter,
    title,
    mirrors,
    ...change,
  });

const walk = (replace: string, by: string): Rewrite => ({ function: 'walk', replace, with: by });
const leaf = (replace: string, by: string): Rewrite => ({ function: 'leaf_allows', replace, with: by });
const write = (row: string, replace: string, by: string): Rewrite => ({
  function: 'csr_write',
  row,
  replace,
  with: by,
});

const e01 = wrong('E01', 'NEMU 62f8e439');
const e02 = wrong('E02', 'Spike #578, NEMU 6a881b1a');
const e03 = wrong('E03', 'Spike 9cfc3e7f, NEMU eddbade4');
const e04 = wrong('E04', 'Spike #709, Spike 4deb3750');
const e05 = wrong('E05', 'Spike d61dcecc');
const e06 = wrong('E06', 'NEMU fae39087');
const e07 = wrong('E07', 'NEMU 5f47fb6d');
const e08 = wrong('E08', 'Spike 4df0c944');
const e09 = wrong('E09', 'Spike ae9888e5');
const e10 = wrong('E10', 'CVE-2026-29646, NEMU 55295c46');
const e11 = wrong('E11', 'Spike 348fc0c9, NEMU ca122ed0');
const e12 = wrong('E12', 'XiangShan #5779');
const e13 = wrong('E13', 'CVA6 #3568');
const e14 = wrong('E14', 'Spike 853320fc, Spike b167bbd4');
const e15 = wrong('E15', 'Spike 20a73541');
const e16 = wrong('E16', 'NEMU 9832c79a, NEMU eb25a5a3');

const READ_ONLY_PTE = 'if (check == PTE_READ) { return (pte & PTE_R) != 0; }';
const EXECUTE_ONLY = 'if (sideways == 2) { return (pte & PTE_X) != 0; }';
const UNALIGNED = '(((pte >>> 10) << 12) & (size - 1)) != 0';
const MISSING_AD = '(pte & PTE_A) == 0 || (check == STORE && (pte & PTE_D) == 0)';

/** E01 to E16 of the catalogue of mutants: what other machines got wrong in the hypervisor extension. */
export const WRONG_MACHINES: readonly WrongMachine[] = [
  e01('a', 'G-stage leaf without U is accepted', leaf('if ((pte & PTE_U) == 0) { return 0; }', '')),
  e01('b', 'A and D of a G-stage leaf are not checked', walk(MISSING_AD, `!stage && (${MISSING_AD})`)),
  e01(
    'c',
    'reserved bits of a G-stage entry are not checked',
    walk('(pte >>> 54) != 0', '!stage && (pte >>> 54) != 0'),
  ),
  e01(
    'd',
    'reserved bits of a G-stage pointer are not checked',
    walk('(pte & (PTE_D | PTE_A | PTE_U)) != 0', '!stage && (pte & (PTE_D | PTE_A | PTE_U)) != 0'),
  ),
  e02(
    'a',
    'a VS-stage entry that the G-stage hides is reported as a load',
    walk('second_stage(entry, kind, va, 1)', 'second_stage(entry, LOAD, va, 1)'),
  ),
  e02(
    'b',
    'a VS-stage entry that the G-stage keeps read-only is reported as a store',
    walk('second_stage(entry, kind, va, 2)', 'second_stage(entry, STORE, va, 2)'),
  ),
  e02(
    'c',
    'a page-table entry where there is no memory is reported as a load',
    walk(
      'if (!ram_has(spa, 8) || !pmp_allows(spa, LOAD, 1)) { access_fault(kind, va); return 0; }',
      'if (!ram_has(spa, 8) || !pmp_allows(spa, LOAD, 1)) { access_fault(LOAD, va); return 0; }',
    ),
  ),
  e03(
    'a',
    'MXR of vsstatus opens the G-stage',
    leaf('let mxr = (mstatus & MXR) != 0;', 'let mxr = ((mstatus | (access_virt ? vsstatus : 0)) & MXR) != 0;'),
  ),
  e03('b', 'MXR opens page tables to their own walk', leaf(READ_ONLY_PTE, '')),
  e04('a', 'HLVX asks for read, as HLV does', leaf(EXECUTE_ONLY, '')),
  e04(
    'b',
    'HLVX is content with read or execute',
    leaf(EXECUTE_ONLY, 'if (sideways == 2) { return (pte & (PTE_R | PTE_X)) != 0; }'),
  ),
  e04(
    'c',
    'HLVX asks for execute of the page tables too',
    leaf(READ_ONLY_PTE, 'if (check == PTE_READ && sideways != 2) { return (pte & PTE_R) != 0; }'),
  ),
  e04('d', 'HLVX does not ask PMP for execute', {
    function: 'load_slow',
    replace: 'sideways == 2 && !pmp_allows(paddr, FETCH, effective_priv())',
    with: '0',
  }),
  e05('a', 'HLV over a page boundary goes on as the host', {
    function: 'load_slow',
    replace: 'sideways = side;',
    with: '',
  }),
  e05('b', 'HSV over a page boundary goes on as the host', {
    function: 'store_slow',
    replace: 'sideways = side;',
    with: '',
  }),
  e05('c', 'HSV over a page boundary is checked as the host', {
    function: 'store_slow',
    replace: 'let privilege = effective_priv();',
    with: 'let privilege = data_priv;',
  }),
  e06('', 'a misaligned superpage of the G-stage is accepted', walk(UNALIGNED, `!stage && ${UNALIGNED}`)),
  e07(
    'a',
    'physical addresses of leaves lose their bits from 32 on',
    walk(
      '(((pte >>> 10) & PPN_MASK) << 12) | (address & (size - 1))',
      '(((pte >>> 10) & 0xfffff) << 12) | (address & (size - 1))',
    ),
  ),
  e07(
    'b',
    'physical addresses of tables lose their bits from 32 on',
    walk('a = ((pte >>> 10) & PPN_MASK) << 12;', 'a = ((pte >>> 10) & 0xfffff) << 12;'),
  ),
  e07(
    'c',
    'the physical address of a root loses its bits from 32 on',
    walk('(root & PPN_MASK) << 12', '(root & 0xfffff) << 12'),
  ),
  e08('a', 'hgatp keeps the two lowest bits of its root', write('hgatp', '0x03fffffffffffffc', '0x03ffffffffffffff')),
  e08('b', 'hgatp keeps 16 bits of VMID', write('hgatp', '0x03fffffffffffffc', '0x0ffffffffffffffc')),
  e08('c', 'hgatp keeps 7 bits of VMID', write('hgatp', '0x03fffffffffffffc', '0x0007fffffffffffc')),
  e08('d', 'hgatp takes modes that do not exist', write('hgatp', 'translation_mode_exists(value)', '1')),
  e09(
    '',
    'A and D of a VS-stage entry are set in a page that the G-stage keeps read-only',
    walk('if (!second_stage(entry, kind, va, 2)) { return 0; }', ''),
  ),
  e10(
    'a',
    'sie of a guest reaches mie whatever hideleg says',
    write('vsie', 'let m = hideleg & VS_BITS;', 'let m: i64 = VS_BITS;'),
  ),
  e10('b', 'sie of a guest is the sie of the host', {
    function: 'csr_access',
    replace: 'row = raw8(number + CSR_MAP + 0x100);',
    with: 'if (number != 0x104) { row = raw8(number + CSR_MAP + 0x100); }',
  }),
  e10(
    'c',
    'sie of a guest reaches the M bits of mie',
    write(
      'vsie',
      'mie = (mie & ~m) | ((value << 1) & m);',
      'mie = (mie & ~m) | ((value << 1) & m) | (value & M_BITS);',
    ),
  ),
  e11('a', 'a guest meets a virtual instruction where the host would meet an illegal one', {
    function: 'csr_access',
    replace: 'if (csr_denied(row) == 1) { illegal(); } else { virtual_instruction(); }',
    with: 'virtual_instruction();',
  }),
  e11('b', 'a guest meets a virtual instruction at a machine CSR', {
    function: 'csr_access',
    replace: 'if (need == 3) { illegal(); return 0; }',
    with: 'if (need == 3) { virtual_instruction(); return 0; }',
  }),
  e11('c', 'a counter that the machine closes is a virtual instruction for a guest', {
    function: 'counter_denied',
    replace: 'if (((mcounteren >>> index) & 1) == 0) { return 1; }',
    with: 'if (((mcounteren >>> index) & 1) == 0) { return virt ? 2 : 1; }',
  }),
  e11('d', 'WFI in VU-mode with TW set is a virtual instruction', {
    function: 'wait_for_interrupt',
    replace: '(mstatus & TW) != 0',
    with: '(mstatus & TW) != 0 && !(virt && priv == 0)',
  }),
  e11('e', 'a hypervisor instruction in a guest is illegal', {
    function: 'hypervisor_fence_denied',
    replace: 'if (virt) { virtual_instruction(); return 1; }',
    with: 'if (virt) { illegal(); return 1; }',
  }),
  e12('', 'hfence.gvma compares the reserved bits of its VMID', {
    function: 'fence_gvma',
    replace: 'fence(2, gpa << 2, 0, by_gpa, 0, vmid, by_vmid);',
    with: 'if (!by_vmid || (vmid >>> 14) == 0) { fence(2, gpa << 2, 0, by_gpa, 0, vmid, by_vmid); }',
  }),
  e13('', 'a fetch that the G-stage refuses is cause 12', {
    function: 'page_fault',
    replace: 'kind == FETCH ? FETCH_GUEST_PAGE : kind == STORE ? STORE_GUEST_PAGE : LOAD_GUEST_PAGE',
    with: 'kind == FETCH ? FETCH_PAGE : kind == STORE ? STORE_GUEST_PAGE : LOAD_GUEST_PAGE',
  }),
  e14('a', 'FP state that a guest changes is not dirty in vsstatus', {
    function: 'fp_dirty',
    replace: 'if (virt) { vsstatus |= FS; }',
    with: '',
  }),
  e14('b', 'FP state that a guest changes is not dirty in mstatus', {
    function: 'fp_dirty',
    replace: 'mstatus |= FS;',
    with: 'if (!virt) { mstatus |= FS; }',
  }),
  e14('c', 'SD of vsstatus does not follow its FS', {
    function: 'csr_read',
    row: 'vsstatus',
    replace: 'status_view(vsstatus)',
    with: 'vsstatus | UXL64',
  }),
  e14('d', 'FS of vsstatus does not close the FP CSRs to a guest', {
    function: 'fp_off',
    replace: '(mstatus & FS) == 0 || (virt && (vsstatus & FS) == 0)',
    with: '(mstatus & FS) == 0',
  }),
  e14('e', 'FS of vsstatus closes the FP CSRs to the host', {
    function: 'fp_off',
    replace: 'virt && (vsstatus & FS) == 0',
    with: '(vsstatus & FS) == 0',
  }),
  e15(
    'a',
    'hip writes all of hvip',
    write('hip', 'hvip = (hvip & ~VSSIP) | (value & VSSIP);', 'hvip = value & VS_BITS;'),
  ),
  e15('b', 'hip does not reach hvip', write('hip', 'hvip = (hvip & ~VSSIP) | (value & VSSIP);', '')),
  e15('c', 'hvip does not pend in hip', { function: 'mip_at', replace: 'mip | lines | hvip', with: 'mip | lines' }),
  e15('d', 'sip of a guest writes hvip whatever hideleg says', write('vsip', 'hideleg & VSSIP', 'VSSIP | 0')),
  e15('e', 'mip does not reach hvip', write('mip', '(misa & MISA_H) != 0', '0')),
  e16(
    'a',
    'hedeleg passes on an ecall of VS-mode',
    write('hedeleg', 'value & HEDELEG_WRITE', 'value & (HEDELEG_WRITE | 0x400)'),
  ),
  e16(
    'b',
    'hedeleg passes on an ecall of HS-mode',
    write('hedeleg', 'value & HEDELEG_WRITE', 'value & (HEDELEG_WRITE | 0x200)'),
  ),
  e16(
    'c',
    'hedeleg passes on guest page faults and virtual instructions',
    write('hedeleg', 'value & HEDELEG_WRITE', 'value & (HEDELEG_WRITE | 0xf00000)'),
  ),
  e16(
    'd',
    'hideleg passes on the interrupt of guest external lines',
    write('hideleg', 'value & VS_BITS', 'value & H_BITS'),
  ),
  e16(
    'e',
    'hideleg passes on interrupts of the host',
    write('hideleg', 'value & VS_BITS', 'value & (VS_BITS | S_BITS)'),
  ),
  e16('f', 'hideleg does not pass on VSSIP', write('hideleg', 'value & VS_BITS', 'value & 0x440')),
];
