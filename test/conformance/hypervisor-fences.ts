import { expect } from 'vitest';
import { causeOf } from './access.ts';
import type { Suite } from './engine.ts';
import { attempt, DATA, type Mode, record, run, setCsr, VA } from './program.ts';
import { atp, entry, PTE, RW } from './tables.ts';
import { GPA, on, twoStages } from './two-stages.ts';

const U = PTE.U;

/** Which translations of a guest stay and which go. "Privileged ISA" 15.3.2 and 15.5.3. */
export function hypervisorFences({ engine, it }: Suite): void {
  /** Reads VA in two worlds around a change of both its entries to a second page; what each read saw. */
  const twice = (between: string, which: 'first' | 'second' = 'second', id = 1) => {
    const { tables, root, guest, leaf, guestLeaf } = twoStages(RW, RW | U);
    tables.map(guest, GPA + 0x1000, DATA + 0x1000, RW | U);
    const slot = which === 'first' ? leaf : guestLeaf;
    const value = which === 'first' ? entry(GPA + 0x1000, RW) : entry(DATA + 0x1000, RW | U);
    const { values } = run(
      engine(),
      `${on(root, guest, id)} li a1, 0\n li a2, 0
       ${attempt('VS', `li a0, ${VA}\n ld a1, 0(a0)`)}
       li a0, ${slot}
       li a2, ${value}
       sd a2, 0(a0)
       li a2, 0
       li a4, ${VA}
       li a5, 1
       ${between.replaceAll('VSROOT', String(root)).replaceAll('GROOT', String(guest))}
       ${attempt('VS', `li a0, ${VA}\n ld a2, 0(a0)`)}
       ${record('a1', 'a2')}`,
      new Map([...tables.words, [DATA, 1n], [DATA + 0x1000, 2n]]),
    );
    return values.map(Number);
  };
  const vs = (asid: number) => setCsr('vsatp', `(8 << 60) | (${asid} << 44) | (VSROOT >> 12)`);
  const g = (vmid: number) => setCsr('hgatp', `(8 << 60) | (${vmid} << 44) | (GROOT >> 12)`);

  it('a changed G-stage entry is seen after hfence.gvma, of all or of this VMID', () => {
    expect(twice('hfence.gvma')).toEqual([1, 2]);
    expect(twice('hfence.gvma zero, a5')).toEqual([1, 2]);
    expect(twice(`li a4, ${GPA / 4}\n hfence.gvma a4, a5`)).toEqual([1, 2]);
    expect(twice(attempt('S', 'hfence.gvma'))).toEqual([1, 2]);
  });

  it('a changed VS-stage entry is seen after hfence.vvma, or after sfence.vma of the guest itself', () => {
    expect(twice('hfence.vvma', 'first')).toEqual([1, 2]);
    expect(twice('hfence.vvma a4, a5', 'first')).toEqual([1, 2]);
    expect(twice(attempt('VS', 'sfence.vma'), 'first')).toEqual([1, 2]);
    expect(twice(attempt('VS', `li a4, ${VA}\n sfence.vma a4`), 'first')).toEqual([1, 2]);
  });

  // "Ignored by current implementations": 15.3.2, and 12.2.1 of which hfence.vvma is the guest's form.
  it('the bits of rs2 beyond a VMID or an ASID are ignored', () => {
    for (const bit of [14, 15, 32, 63])
      expect(twice(`li a5, (1 << ${bit}) | 1\n hfence.gvma zero, a5`), `bit ${bit}`).toEqual([1, 2]);
    for (const bit of [16, 32, 63]) {
      expect(twice(`li a5, (1 << ${bit}) | 1\n hfence.vvma zero, a5`, 'first'), `bit ${bit}`).toEqual([1, 2]);
    }
  });

  it('hinval and sinval.vma between their two fences do as hfence and sfence.vma', () => {
    const between = (text: string) => `sfence.w.inval\n ${text}\n sfence.inval.ir\n`;
    for (const operands of ['zero, zero', 'a4, zero', 'zero, a5', 'a4, a5']) {
      expect(twice(between(`hinval.vvma ${operands}`), 'first'), operands).toEqual([1, 2]);
      expect(twice(attempt('VS', between(`li a4, ${VA}\n sinval.vma ${operands}`)), 'first'), operands).toEqual([1, 2]);
      expect(twice(`li a4, ${GPA / 4}\n ${between(`hinval.gvma ${operands}`)}`), operands).toEqual([1, 2]);
    }
  });

  it('another VMID or ASID does not use the entries of this one', () => {
    expect(twice(g(2))).toEqual([1, 2]);
    expect(twice(vs(2), 'first')).toEqual([1, 2]);
  });

  it('bits above the widths of ASID and VMID mean nothing to the fences', () => {
    for (const bit of [16, 32, 63]) {
      const operand = `li a5, (1 << ${bit}) | 1\n`;
      expect(twice(`${operand} hfence.vvma zero, a5`, 'first'), `ASID, bit ${bit}`).toEqual([1, 2]);
      expect(twice(`${operand} hfence.gvma zero, a5`), `VMID, bit ${bit}`).toEqual([1, 2]);
    }
    expect(twice('li a5, (3 << 14) | 1\n hfence.gvma zero, a5')).toEqual([1, 2]);
  });

  it('TVM closes hfence.gvma to HS-mode, not to M-mode; neither TVM nor VTVM closes hfence.vvma', () => {
    const both = (mode: Mode) => `${attempt(mode, 'hfence.gvma')} ${attempt(mode, 'hfence.vvma')}`;
    const { traps } = run(
      engine(),
      `li t0, 1 << 20\n csrs mstatus, t0\n csrw hstatus, t0\n ${both('S')} ${both('M')} ${both('U')} ${both('VS')}`,
    );
    expect(traps.map(causeOf)).toEqual([2, 0, 0, 0, 2, 2, 22, 22]);
  });

  // What a cache may keep and this machine's model does keep.
  it('kept: the old translation, until a fence of its own address space', () => {
    expect(twice('')).toEqual([1, 1]);
    expect(twice('', 'first')).toEqual([1, 1]);
    expect(twice('li a5, 2\n hfence.gvma zero, a5')).toEqual([1, 1]);
    expect(twice('li a5, 2\n hfence.vvma zero, a5', 'first')).toEqual([1, 1]);
    expect(twice(`li a4, ${VA + 0x1000}\n hfence.vvma a4`, 'first')).toEqual([1, 1]);
  });

  it('kept: a guest’s entries, by sfence.vma of the host', () => {
    expect(twice('sfence.vma', 'first')).toEqual([1, 1]);
    expect(twice(attempt('S', 'sfence.vma'), 'first')).toEqual([1, 1]);
  });

  it('kept: a VMID’s entries, by fences while hgatp holds another', () => {
    expect(twice(`${g(2)} hfence.vvma\n ${g(1)}`, 'first')).toEqual([1, 1]);
    expect(twice(`${g(2)} ${attempt('VS', 'sfence.vma')} ${g(1)}`, 'first')).toEqual([1, 1]);
    expect(twice(`${g(2)} ${g(1)}`)).toEqual([1, 1]);
  });

  it('host and guest do not share translations', () => {
    const { tables, root, guest } = twoStages(RW, RW | U);
    const host = tables.withCode();
    tables.map(host, VA, DATA + 0x1000, RW);
    const { values } = run(
      engine(),
      `${on(root, guest)} ${setCsr('satp', atp(host))}
       ${attempt('S', `li a0, ${VA}\n ld a1, 0(a0)`)}
       ${attempt('VS', `li a0, ${VA}\n ld a2, 0(a0)`)}
       ${attempt('S', `li a0, ${VA}\n ld a3, 0(a0)`)}
       ${record('a1', 'a2', 'a3')}`,
      new Map([...tables.words, [DATA, 1n], [DATA + 0x1000, 2n]]),
    );
    expect(values).toEqual([2n, 1n, 2n]);
  });
}
