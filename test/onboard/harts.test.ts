// Several harts under our firmware: how they start, stop and wait, by the SBI's hart state management.
import { describe, expect, it } from 'vitest';
import { awaitWord, END, KERNEL_END, put, runHarts, SCHEDULES, sbi, signal } from './boot-harts.ts';
import { HSM, SRST } from './sbi-calls.ts';

const START = 0;
const STOP = 1;
const STATUS = 2;
const SUSPEND = 3;
const STARTED = 0n;
const STOPPED = 1n;
const SUSPENDED = 4n;
const SUCCESS = 0n;
const NOT_SUPPORTED = -2n;
const INVALID_PARAM = -3n;
const INVALID_ADDRESS = -5n;
const ALREADY_AVAILABLE = -6n;

/** Error and value of a call as two results from `at` on. */
const told = (at: number, call: string): string => `${call}${put(2 * at, 'a0')}${put(2 * at + 1, 'a1')}`;

/** Waits until a hart is in a state; a0 to a7 are lost. */
const awaitState = (hart: number, state: bigint): string => `
95:
  ${sbi(HSM, STATUS, hart)}
  li t0, ${state}
  bne a1, t0, 95b
`;

describe.each(SCHEDULES)('harts of our firmware, %o', (schedule) => {
  it.each([1, 2, 4])('begin with the first one only, of %i', (harts) => {
    const { results } = runHarts(
      `mv s0, a0
       lw s1, 0(a1)
       ${[0, 1, 2, 3, 4].map((hart) => told(hart, sbi(HSM, STATUS, hart))).join('')}
       ${put(10, 's0')} ${put(11, 's1')}
       ${told(6, sbi(HSM, STATUS, -1))}
       ${END}`,
      { harts, schedule },
    );
    const state = (hart: number) => {
      if (hart >= harts) return [INVALID_PARAM, 0n];
      return [SUCCESS, hart === 0 ? STARTED : STOPPED];
    };
    const DEVICE_TREE_MAGIC = BigInt.asIntN(32, 0xedfe0dd0n);
    expect(results(14)).toEqual([...[0, 1, 2, 3, 4].flatMap(state), 0n, DEVICE_TREE_MAGIC, INVALID_PARAM, 0n]);
  });

  it.each([2, 4])(
    'start where they are told to, with their number and what the other gave them, %i of them',
    (harts) => {
      const others = Array.from({ length: harts - 1 }, (_, i) => i + 1);
      const SUPERVISOR_CSRS = ['satp', 'sie', 'stvec', 'sscratch', 'sepc', 'scause', 'stval', 'senvcfg'];
      const { results } = runHarts(
        `li s0, 0
       ${others.map((hart) => `${told(hart, sbi(HSM, START, hart, 'KERNEL + 0x1000', 1000 + hart))} ${awaitWord(hart, 1)}`).join('')}
       ${others.map((hart) => told(4 + hart, sbi(HSM, STATUS, hart))).join('')}
       ${others.map((hart) => told(8 + hart, sbi(HSM, START, hart, 'KERNEL + 0x1000', 0))).join('')}
       ${END}
       .align 12
       mv s1, a0
       slli s2, s1, 6
       li s3, RESULTS + 0x400
       add s3, s3, s2
       sd a0, 0(s3)
       sd a1, 8(s3)
       ${SUPERVISOR_CSRS.map((name) => `csrr t0, ${name}\n or s0, s0, t0`).join('\n')}
       sd s0, 16(s3)
       csrr t0, sstatus
       andi t0, t0, 0x122
       sd t0, 24(s3)
       li t6, WORDS
       add t6, t6, s2
       li t5, 1
       amoadd.d t5, t5, (t6)
       ${END}`,
        { harts, schedule },
      );
      for (const hart of others) {
        const at = (index: number) => results(0x400)[index];
        expect([at(2 * hart), at(8 + 2 * hart), at(9 + 2 * hart)]).toEqual([SUCCESS, SUCCESS, STARTED]);
        expect(at(16 + 2 * hart)).toBe(ALREADY_AVAILABLE);
        expect(results(0x80 + 8 * 4).slice(0x80 + 8 * hart, 0x80 + 8 * hart + 4)).toEqual([
          BigInt(hart),
          BigInt(1000 + hart),
          0n,
          0n,
        ]);
      }
    },
  );

  it('stop, and start again as new, as often as they are told', () => {
    const TIMES = 10;
    const { results } = runHarts(
      `li s11, 0
     again:
       li a0, 1
       la a1, second
       mv a2, s11
       li a6, ${START}
       li a7, ${HSM}
       ecall
       bnez a0, failed
       ${awaitState(1, STOPPED)}
       addi s11, s11, 1
       li t0, ${TIMES}
       bne s11, t0, again
     failed:
       ${put(0, 'a0')} ${put(1, 's11')}
       ${END}
     second:
       li t0, RESULTS + 16
       slli t1, a1, 4
       add t0, t0, t1
       sd a1, 0(t0)
       csrr t1, sscratch
       csrr t2, satp
       or t1, t1, t2
       csrr t2, sie
       or t1, t1, t2
       sd t1, 8(t0)
       li t0, -1
       csrw sscratch, t0
       csrw sie, t0
       csrw stimecmp, zero
       ${sbi(HSM, STOP)}
       li t0, RESULTS
       sd sp, 0(t0)          # never comes here
       j failed`,
      { harts: 2, schedule },
    );
    const rounds = Array.from({ length: TIMES }, (_, i) => [BigInt(i), 0n]).flat();
    expect(results(2 + 2 * TIMES)).toEqual([0n, BigInt(TIMES), ...rounds]);
  });

  it('wait in suspend until an interrupt of their own is pending, and go on with success', () => {
    const IPI = 0x735049;
    const { results } = runHarts(
      `la a1, second
       li a0, 1
       li a6, ${START}
       li a7, ${HSM}
       ecall
       ${awaitState(1, SUSPENDED)}
       ${told(0, sbi(HSM, START, 1, 'KERNEL', 0))}
       ${sbi(0x52464e43, 1, 2, 0, 0, -1)}    # served while asleep, and no reason to wake
       ${put(2, 'a0')}
       ${told(2, sbi(HSM, STATUS, 1))}
       ${sbi(IPI, 0, 2, 0)}
       ${awaitWord(1, 1)}
       ${told(3, sbi(HSM, STATUS, 1))}
       ${END}
     second:
       csrwi sie, 2
       ${told(5, sbi(HSM, SUSPEND, 0, 0, 0))}
       csrr t0, sip
       ${put(12, 't0')}
       csrci sip, 2
       ${signal(1)}
       ${END}`,
      { harts: 2, schedule },
    );
    const words = results(13);
    expect(words.slice(0, 3)).toEqual([ALREADY_AVAILABLE, 0n, SUCCESS]);
    expect(words.slice(4, 8)).toEqual([SUCCESS, SUSPENDED, SUCCESS, STARTED]);
    expect(words.slice(10)).toEqual([SUCCESS, 0n, 2n]);
  });

  it('refuse what no kernel should ask', () => {
    const refused: readonly (readonly [string, bigint])[] = [
      [sbi(HSM, START, 0, 'KERNEL', 0), ALREADY_AVAILABLE],
      [sbi(HSM, START, 2, 'KERNEL', 0), INVALID_PARAM],
      [sbi(HSM, START, -1, 'KERNEL', 0), INVALID_PARAM],
      [sbi(HSM, START, 1n << 32n, 'KERNEL', 0), INVALID_PARAM],
      [sbi(HSM, START, 1, 0x8000_0000, 0), INVALID_ADDRESS], // the firmware
      [sbi(HSM, START, 1, 0x1000_0000, 0), INVALID_ADDRESS], // a device
      [sbi(HSM, START, 1, KERNEL_END, 0), INVALID_ADDRESS],
      [sbi(HSM, START, 1, 'KERNEL + 1', 0), INVALID_ADDRESS],
      [sbi(HSM, START, 1, -2, 0), INVALID_ADDRESS],
      [sbi(HSM, START, 1, 0, 0), INVALID_ADDRESS],
      [sbi(HSM, SUSPEND, 1, 0, 0), INVALID_PARAM],
      [sbi(HSM, SUSPEND, 0x8000_0000, 0, 0), NOT_SUPPORTED],
      [sbi(HSM, SUSPEND, 0xffff_ffff, 0, 0), INVALID_PARAM],
      [sbi(HSM, 4), NOT_SUPPORTED],
      [sbi(HSM, -1), NOT_SUPPORTED],
      [sbi(HSM, STATUS, 2), INVALID_PARAM],
    ];
    const { results } = runHarts(
      `${refused.map(([call], i) => `${call}${put(i, 'a0')}`).join('')} ${told(10, sbi(HSM, STATUS, 1))} ${END}`,
      { harts: 2, schedule },
    );
    expect(results(refused.length)).toEqual(refused.map(([, error]) => error));
    expect(results(22).slice(20)).toEqual([SUCCESS, STOPPED]);
  });

  it('are started by one, where two try at once', () => {
    const { results } = runHarts(
      `${[1, 2].map((hart) => `la a1, rival\n li a0, ${hart}\n li a6, ${START}\n li a7, ${HSM}\n ecall\n`).join('')}
       li a0, 0
     rival:
       mv s0, a0
       ${signal(0)}
       ${awaitWord(0, 3)}
       li a0, 3
       la a1, last
       mv a2, s0
       li a6, ${START}
       li a7, ${HSM}
       ecall
       slli s0, s0, 3
       li t0, RESULTS
       add t0, t0, s0
       sd a0, 0(t0)
       ${END}
     last:
       ${put(3, 'a1')}
       li t0, RESULTS + 32
       li t1, 1
       amoadd.d zero, t1, (t0)
       ${END}`,
      { harts: 4, schedule },
    );
    const [first = 9n, second = 9n, third = 9n, winner = 9n, starts] = results(5);
    const errors = [first, second, third];
    expect(errors.filter((error) => error === SUCCESS)).toHaveLength(1);
    expect(errors.filter((error) => error === ALREADY_AVAILABLE)).toHaveLength(2);
    expect([errors[Number(winner)], starts]).toEqual([SUCCESS, 1n]);
  });

  const resetBySecond = `
       la a1, second
       li a0, 1
       li a6, ${START}
       li a7, ${HSM}
       ecall
       li t0, RESULTS
     1: ld t1, 0(t0)
       addi t1, t1, 1
       sd t1, 0(t0)
       j 1b
     second:
       li t0, 100
     2: addi t0, t0, -1
       bnez t0, 2b
       ${sbi(SRST, 0, 0, 0)}
       li t0, RESULTS
       sd sp, 8(t0)
       ${END}`;

  it('end together: a reset that any of them asks for ends the machine', () => {
    expect(() => runHarts(resetBySecond, { harts: 2, schedule })).toThrow('stopped as finished');
  });

  it('stop together, for good, where a reset is the guest’s affair', () => {
    const { results, machine } = runHarts(resetBySecond, { harts: 2, schedule, config: { reset_policy: 0 } });
    const [turns = 0n, after] = results(2);
    expect(turns).toBeGreaterThan(0n);
    expect(after).toBe(0n);
    machine.run(machine.cycles + 1_000_000);
    expect(results(1)).toEqual([turns]);
  });
});
