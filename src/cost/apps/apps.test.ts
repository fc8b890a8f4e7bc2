// What Debian's tools printed in a Linux guest, byte for byte, and what they never print.
import { describe, expect, it } from 'vitest';
import { apps, type Figure } from './apps.ts';

const said = {
  cyclictest:
    '# /dev/cpu_dma_latency set to 0us\nT: 0 (  132) P:80 I:1000 C:    200 Min:      7 Act:    8 Avg:    8 Max:      13\n',
  hackbench:
    'Running in process mode with 1 groups using 10 file descriptors each (== 10 tasks)\nEach sender will pass 1000 messages of 100 bytes\nTime: 0.216\n',
  write: '128+0 records in\n128+0 records out\n',
  ping: `PING 127.0.0.1 (127.0.0.1): 56 data bytes
64 bytes from 127.0.0.1: seq=0 ttl=64 time=0.043 ms
64 bytes from 127.0.0.1: seq=1 ttl=64 time=0.035 ms
64 bytes from 127.0.0.1: seq=2 ttl=64 time=0.060 ms

--- 127.0.0.1 ping statistics ---
3 packets transmitted, 3 packets received, 0% packet loss
round-trip min/avg/max = 0.035/0.046/0.060 ms
`,
};
type Name = keyof typeof said;
/** Of the machine, long enough for all of them. */
const ELAPSED_US = 1_000_000;

function read(name: string, text: string, elapsedUs = ELAPSED_US) {
  const app = apps.find((candidate) => candidate.name === name);
  if (app === undefined) throw new RangeError(`there is no ${name}`);
  return app.read(text, elapsedUs);
}

const values = (figures: readonly Figure[] = []) => figures.map(({ name, value, unit }) => `${name} ${value} ${unit}`);

describe('what a tool said', () => {
  it.each<[Name, string[], number | undefined]>([
    ['cyclictest', ['wake-ups 200 times', 'shortest 7 us', 'average 8 us', 'longest 13 us'], 199_000],
    ['hackbench', ['tasks 10 times', 'time 216000 us'], 215_500],
    ['write', ['copied 524288 bytes', 'rate 0.524 MB/s'], undefined],
    ['ping', ['sent 3 packets', 'answered 3 packets', 'shortest 35 us', 'average 46 us', 'longest 60 us'], 60],
  ])('is read of %s', (name, figures, leastUs) => {
    const result = read(name, said[name]);
    expect(values(result?.figures)).toEqual(figures);
    expect(result?.leastUs).toBe(leastUs);
  });

  it('has a rate by the time that the machine took, and none without time', () => {
    expect(values(read('read', said.write, 5243)?.figures)).toContain('rate 99.998 MB/s');
    expect(read('read', said.write, 0)).toBeUndefined();
  });

  it('has a rate of long echoes, header and all, in each direction', () => {
    const text = said.ping.replace('56 data', '1400 data').replaceAll('64 bytes', '1408 bytes');
    expect(values(read('bulk', text, 4224)?.figures)).toContain('rate 1 MB/s');
  });

  it('counts packets that were lost', () => {
    const text = said.ping
      .replace('64 bytes from 127.0.0.1: seq=1 ttl=64 time=0.035 ms\n', '')
      .replace('3 packets received, 0% packet', '2 packets received, 33% packet');
    expect(values(read('ping', text)?.figures)).toContain('answered 2 packets');
  });

  it.each<[string, Name, string]>([
    ['nothing', 'cyclictest', ''],
    ['half of it', 'cyclictest', said.cyclictest.slice(0, 60)],
    ['a second thread', 'cyclictest', said.cyclictest + said.cyclictest.replace(/^#.*\n/, '').replace('T: 0', 'T: 1')],
    ['no wake-up', 'cyclictest', said.cyclictest.replace('C:    200', 'C:      0')],
    ['a least above the greatest', 'cyclictest', said.cyclictest.replace('Min:      7', 'Min:     99')],
    ['a negative time', 'cyclictest', said.cyclictest.replace('Min:      7', 'Min:     -7')],
    ['a number that no counter holds', 'cyclictest', said.cyclictest.replace('13', '9'.repeat(400))],
    ['a word more', 'hackbench', `${said.hackbench}Time: 0.001\n`],
    ['its complaint', 'hackbench', 'hackbench: --loops|-l requires an integer > 0\n'],
    ['a time in another notation', 'hackbench', said.hackbench.replace('0.216', '1e-9')],
    ['blocks that came in and never left', 'write', said.write.replace('128+0 records out', '1+0 records out')],
    ['a part of a block', 'write', said.write.replaceAll('128+0', '127+1')],
    ['its complaint', 'write', "dd: can't open '/dev/nonexist': No such file or directory\n"],
    ['more answers than questions', 'ping', said.ping.replace('3 packets received', '4 packets received')],
    ['no way there', 'ping', 'PING 10.9.9.9 (10.9.9.9): 56 data bytes\nping: sendto: Network is unreachable\n'],
    ['terminal escapes', 'ping', said.ping.replace('seq=1', '\u001b[31mseq=1')],
  ])('has no figures where it is %s: %s', (_, name, text) => {
    expect(read(name, text)).toBeUndefined();
  });

  it('is refused in no time, however long it is', () => {
    const line = '64 bytes from 127.0.0.1: seq=0 ttl=64 time=0.043 ms\n';
    expect(read('ping', `PING 127.0.0.1 (127.0.0.1): 56 data bytes\n${line.repeat(5000)}`)).toBeUndefined();
    expect(read('cyclictest', `T: 0 (${' '.repeat(250_000)}`)).toBeUndefined();
  });

  it('comes from tools that are told apart by number and by name', () => {
    expect(new Set(apps.map(({ number }) => number)).size).toBe(apps.length);
    expect(new Set(apps.map(({ name }) => name)).size).toBe(apps.length);
    expect(apps.every(({ number }) => number > 0)).toBe(true);
  });
});
