import { setCsr, VA } from '../conformance/program.ts';
import { atp, entry, PTE, RW, Tables } from '../conformance/tables.ts';
import { end, type Litmus, outcomes, PAGE_1, PAGE_2, pagesOf, read } from './litmus.ts';

const FLAG = PAGE_1 + 0x3000;
const wait = (label: string, value: number) =>
  `\n li a0, ${FLAG}\n li a2, ${value}\n ${label}: ld a6, 0(a0)\n bne a6, a2, ${label}\n fence\n`;
const signal = (value: number) => `\n fence\n li a0, ${FLAG}\n li a2, ${value}\n sd a2, 0(a0)\n`;

/** Hart 1 reads VA, hart 0 maps it to page 2 and fences itself, hart 1 reads VA again. */
function remote(ownFence: string, permitted: string[], weak?: string) {
  const tables = new Tables();
  const root = tables.withCode();
  const leaf = tables.map(root, VA, PAGE_1, RW | PTE.G);
  return {
    text: `
        bnez a0, second_hart
        ${setCsr('satp', atp(root))}
        ${wait('wait_1', 1)}
        li a0, ${leaf}
        li a2, ${entry(PAGE_2, RW | PTE.G)}
        sd a2, 0(a0)
        sfence.vma
        ${signal(2)}
      forever: j forever
      second_hart:
        ${setCsr('satp', atp(root))}
        ${read('a1')} ${signal(1)} ${wait('wait_2', 2)} ${ownFence} ${read('a3')} ${end('a1', 'a3')}`,
    words: pagesOf(tables),
    ...outcomes(permitted, weak),
  };
}

const LOCAL = 'SFENCE.VMA orders only the local hart’s implicit references to the memory-management data structures';

/** Two harts under the fine schedule; the second one logs. */
export const TWO_HARTS: readonly Litmus[] = [
  { name: 'a fence of the other hart', clause: LOCAL, ...remote('', ['1 1', '1 2'], '1 1') },
  { name: 'fences of both harts', clause: LOCAL, ...remote('sfence.vma', ['1 2']) },
];
