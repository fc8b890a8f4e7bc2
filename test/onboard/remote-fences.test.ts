// Translations that one hart holds and another makes go away, through our firmware.
import { describe, expect, it } from 'vitest';
import { awaitWord, END, put, runHarts, SCHEDULES, sbi, signal, startAll } from './boot-harts.ts';
import { buildTables, KERNEL_PAGE, PTE, turnOnPaging, windowAddress } from './page-tables.ts';
import { RFENCE } from './sbi-calls.ts';

describe.each(SCHEDULES)('harts of our firmware, %o', (schedule) => {
  it('lose a stale translation when another hart fences, and not before', () => {
    const ROOT = 'WORDS + 0x1000';
    const LEAF = `${ROOT} + 0x2000 + ${8 * ((windowAddress(0) / 4096) % 512)}`;
    const { results } = runHarts(
      `li t0, WORDS + 0x8000
       li t1, 11
       sd t1, 0(t0)
       li t0, WORDS + 0x9000
       li t1, 22
       sd t1, 0(t0)
       ${buildTables(ROOT, [{ number: 0, physical: 'WORDS + 0x8000' }])}
       ${startAll(2)}
       bnez s0, second
       ${awaitWord(1, 1)}           # it has read the page
       li t0, ${LEAF}
       ld t1, 0(t0)
       li t2, 0x400
       add t1, t1, t2
       sd t1, 0(t0)
       ${signal(2)}
       ${awaitWord(1, 2)}           # it has read it again
       ${sbi(RFENCE, 2, 2, 0, windowAddress(0), 4096, 7)}
       ${put(3, 'a0')}
       ${signal(2)}
       ${END}
     second:
       ${turnOnPaging(ROOT, 7)}
       li s1, ${windowAddress(0)}
       ld s2, 0(s1)
       ${signal(1)}
       ${awaitWord(2, 1)}
       ld s3, 0(s1)
       ${signal(1)}
       ${awaitWord(2, 2)}
       ld s4, 0(s1)
       ${put(0, 's2')} ${put(1, 's3')} ${put(2, 's4')}
       ${END}`,
      { harts: 2, schedule },
    );
    expect(results(4)).toEqual([11n, 11n, 22n, 0n]);
  });

  // A hypervisor's reads through both stages, by HLV. VMID 5 is what both harts mean; the one that is fenced has another
  // in hgatp just then.
  const G_ROOT = 'WORDS + 0x4000';
  const VS_ROOT = 'WORDS + 0x10000';
  const OF_GUESTS = KERNEL_PAGE | PTE.U;
  const leafOf = (root: string) => `${root} + 0x2000 + ${8 * ((windowAddress(0) / 4096) % 512)}`;
  const page = [{ number: 0, physical: 'WORDS + 0x8000', flags: OF_GUESTS }];
  it.each([
    ['G-stage', 4, G_ROOT, buildTables(G_ROOT, page), '0'],
    ['VS-stage', 6, VS_ROOT, buildTables(VS_ROOT, page), `8 << 60 | (${VS_ROOT}) >> 12`],
  ])('lose a stale translation of the %s, of the caller’s VMID', (_stage, fence, root, tables, vsatp) => {
    const hgatp = (vmid: number) => `li t0, 8 << 60 | ${vmid} << 44 | (${G_ROOT}) >> 12\n csrw hgatp, t0\n`;
    const { results } = runHarts(
      `li t0, WORDS + 0x8000
       li t1, 11
       sd t1, 0(t0)
       li t0, WORDS + 0x9000
       li t1, 22
       sd t1, 0(t0)
       ${tables}
       li t0, ${G_ROOT} + 16         # guest-physical 2 GiB and on: as it is
       li t1, 0x80000000 >> 12 << 10 | ${OF_GUESTS}
       sd t1, 0(t0)
       ${startAll(2)}
       ${hgatp(5)}
       li t0, ${vsatp}
       csrw vsatp, t0
       li s1, ${windowAddress(0)}
       bnez s0, second
       ${awaitWord(1, 1)}
       li t0, ${leafOf(root)}
       ld t1, 0(t0)
       li t2, 0x400
       add t1, t1, t2
       sd t1, 0(t0)
       ${signal(2)}
       ${awaitWord(1, 2)}
       ${sbi(RFENCE, fence, 2, 0, 0, -1)}
       ${put(3, 'a0')}
       ${signal(2)}
       ${END}
     second:
       hlv.d s2, (s1)
       ${signal(1)}
       ${awaitWord(2, 1)}
       hlv.d s3, (s1)
       ${hgatp(6)}
       ${signal(1)}
       ${awaitWord(2, 2)}
       csrr s5, hgatp
       ${hgatp(5)}
       hlv.d s4, (s1)
       srli s5, s5, 44
       andi s5, s5, 63
       ${put(0, 's2')} ${put(1, 's3')} ${put(2, 's4')} ${put(4, 's5')}
       ${END}`,
      { harts: 2, schedule },
    );
    expect(results(5)).toEqual([11n, 11n, 22n, 0n, 6n]);
  });
});
