// The programs that do application work inside a Linux guest, and what each says of it. What a guest prints is untrusted: a
// text that is not exactly what the tool prints has no figures.

export interface Figure {
  readonly name: string;
  readonly unit: 'us' | 'MB/s' | 'bytes' | 'times' | 'packets';
  readonly value: number;
}

/** What a tool said: its figures, and how long it took by the clock that it read; undefined where it read none. */
export interface Said {
  readonly figures: readonly Figure[];
  readonly leastUs?: number;
}

export interface App {
  /** Of its marks on the monitor page: twice the number before it, one more after it. */
  readonly number: number;
  readonly name: string;
  readonly about: string;
  /** @param text in lines that end with a newline each @param elapsedUs by the machine's clock, between its two marks */
  readonly read: (text: string, elapsedUs: number) => Said | undefined;
}

const SECOND_US = 1_000_000;
/** Of busybox' dd, as the script asks for them. */
const BLOCK = 4096;

const whole = (text: string | undefined): number => Number(text);
const us = (name: string, value: number): Figure => ({ name, unit: 'us', value });
const rate = (bytes: number, elapsedUs: number): Figure => ({
  name: 'rate',
  unit: 'MB/s',
  value: Math.round((1000 * bytes) / elapsedUs) / 1000,
});
/** Decimals as a tool printed them, without the noise of their binary form. */
const microseconds = (text: string | undefined, scale: number): number =>
  Math.round(Number(text) * scale * 1000) / 1000;

/** One thread, `-q`: one line of results. */
function cyclictest(text: string): Said | undefined {
  const match =
    /^(?:# \/dev\/cpu_dma_latency set to 0us\n)?T: ?0 \( *\d{1,7}\) P: ?\d{1,2} I:(\d{1,9}) C: *(\d{1,9}) Min: *(\d{1,9}) Act: *\d{1,9} Avg: *(\d{1,9}) Max: *(\d{1,9})\n$/.exec(
      text,
    );
  if (match === null) return undefined;
  const [interval = 0, loops = 0, least = 0, average = 0, most = 0] = match.slice(1).map(whole);
  // Without a single loop its extremes are what they were set to before the first.
  if (loops === 0 || least > average || average > most) return undefined;
  const figures: Figure[] = [
    { name: 'wake-ups', unit: 'times', value: loops },
    us('shortest', least),
    us('average', average),
    us('longest', most),
  ];
  return { figures, leastUs: interval * (loops - 1) };
}

function hackbench(text: string): Said | undefined {
  const match =
    /^Running in (?:process|threaded) mode with (\d{1,6}) groups using \d{1,6} file descriptors each \(== (\d{1,6}) tasks\)\nEach sender will pass \d{1,9} messages of \d{1,9} bytes\nTime: (\d{1,6}\.\d{3})\n$/.exec(
      text,
    );
  if (match === null) return undefined;
  const time = microseconds(match[3], SECOND_US);
  return {
    figures: [{ name: 'tasks', unit: 'times', value: whole(match[2]) }, us('time', time)],
    // It rounds to milliseconds.
    leastUs: Math.max(0, time - 500),
  };
}

/** Busybox' dd as Debian builds it tells no time. */
function dd(text: string, elapsedUs: number): Said | undefined {
  const match = /^(\d{1,9})\+0 records in\n(\d{1,9})\+0 records out\n$/.exec(text);
  if (match === null || match[1] !== match[2] || elapsedUs <= 0) return undefined;
  const bytes = whole(match[1]) * BLOCK;
  return { figures: [{ name: 'copied', unit: 'bytes', value: bytes }, rate(bytes, elapsedUs)] };
}

const PING =
  /^PING [\d.]{7,15} \([\d.]{7,15}\): (\d{1,5}) data bytes\n(?:\d{1,5} bytes from [\d.]{7,15}: seq=\d{1,5} ttl=\d{1,3} time=\d{1,6}\.\d{3} ms(?: \(DUP!\))?\n)*\n--- [\d.]{7,15} ping statistics ---\n(\d{1,6}) packets transmitted, (\d{1,6}) packets received, (?:\d{1,6} duplicates, )?\d{1,3}% packet loss\nround-trip min\/avg\/max = (\d{1,6}\.\d{3})\/(\d{1,6}\.\d{3})\/(\d{1,6}\.\d{3}) ms\n$/;
/** Of an echo, before its data: RFC 792. */
const ECHO_HEADER = 8;

/** Busybox' ping. Packets that were lost are a figure; without an answer there is no time. */
function ping(text: string): (Said & { readonly bytes: number }) | undefined {
  const match = PING.exec(text);
  if (match === null) return undefined;
  const [size = 0, sent = 0, received = 0] = match.slice(1, 4).map(whole);
  const [least = 0, average = 0, most = 0] = match.slice(4).map((time) => microseconds(time, 1000));
  if (received > sent || received === 0 || least > average || average > most) return undefined;
  const figures: Figure[] = [
    { name: 'sent', unit: 'packets', value: sent },
    { name: 'answered', unit: 'packets', value: received },
    us('shortest', least),
    us('average', average),
    us('longest', most),
  ];
  return { figures, leastUs: most, bytes: received * (size + ECHO_HEADER) };
}

/** Echoes as long as a packet may be, each sent when the one before has come back: so much in each direction. */
function bulk(text: string, elapsedUs: number): Said | undefined {
  const said = ping(text);
  if (said === undefined || elapsedUs <= 0) return undefined;
  return { ...said, figures: [...said.figures, rate(said.bytes, elapsedUs)] };
}

export const apps: readonly App[] = [
  { number: 1, name: 'cyclictest', about: 'a real-time thread wakes up: how late', read: cyclictest },
  { number: 2, name: 'hackbench', about: 'processes that pass messages to each other', read: hackbench },
  { number: 3, name: 'write', about: 'a file written to the disk, down to it', read: dd },
  { number: 4, name: 'read', about: 'the file read back from the disk', read: dd },
  { number: 5, name: 'ping', about: 'echoes of the peer on the virtual Ethernet', read: ping },
  { number: 6, name: 'bulk', about: 'long ones, one behind the other', read: bulk },
];
