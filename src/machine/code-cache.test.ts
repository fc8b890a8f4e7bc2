import { describe, expect, it } from 'vitest';
import { CODE_STORES_MOST } from './hart/layout.ts';
import { BASE, pair } from './jit/pair.ts';

/** a0 is what the code at \`there\` says, and s1 is added to it each time. */
const ASKED = 'call there\n add s1, s1, a0';
const TURNS = 3 * CODE_STORES_MOST;

describe('a page with code that is stored to very often', () => {
  it.each([
    { where: 'another page', there: `.org ${BASE + 0x1000}\n` },
    { where: 'the page that stores', there: '' },
  ])('is code again once it is called again: $where', ({ there }) => {
    const { regions, plain, both, same } = pair(`
      j begin
      ${there}
    there:
      li a0, 1
      ret
    data: .dword 0
      ${there === '' ? '' : `.org ${BASE + 0x2000}`}
    begin:
      la s2, there
      la s3, data
      lw s4, 0(s2)
      li s5, 1 << 20
    again:
      ${ASKED}
      li t0, ${TURNS}
    1: sd t0, 0(s3)
      addi t0, t0, -1
      bnez t0, 1b
      ${ASKED}
      add s4, s4, s5
      sw s4, 0(s2)
      addi s6, s6, 1
      j again`);
    for (let round = 1; round <= 4; round++) {
      while (plain.x(22) < round) both((machine) => machine.run(machine.cycles + 5000));
      same(`round ${round}`);
    }
    // 1 twice, 2 twice, and so on.
    for (const machine of [regions, plain]) {
      const turns = Number(machine.x(22));
      const sum = Number(machine.x(9));
      expect([turns * (turns + 1), (turns + 1) ** 2]).toContain(sum);
    }
  });
});
