// The workloads of the measuring kernel: numbers and rounds of src/guests/bench/main.c.

export interface Workload {
  readonly id: number;
  readonly name: string;
  /** Class of work, under which a report sums up. */
  readonly class: string;
  readonly about: string;
  /** Portions of work. */
  readonly rounds: number;
}

const COMPUTING = 'computing';
const PAGING = 'page-table stress';
const CALLS = 'system calls';
const TIMER = 'timer ticks';
const DEVICES = 'device interrupts';
const DATA = 'input and output';

function row(id: number, name: string, kind: string, rounds: number, about: string): Workload {
  return { id, name, class: kind, about, rounds };
}

/** Each can run alone, so it has a ratio to native. */
export const workloads: readonly Workload[] = [
  row(1, 'crc', COMPUTING, 20, 'CRC-32 of blocks of 4 KiB by a table'),
  row(2, 'sort', COMPUTING, 8, 'heap sort of 512 words'),
  row(3, 'matrix', COMPUTING, 8, 'product of integer matrices, 24 x 24'),
  row(4, 'floats', COMPUTING, 16, 'products, quotients and roots in double precision'),
  row(5, 'interpreter', COMPUTING, 16, 'a loop that interprets another machine: branches'),
  row(6, 'ticked', COMPUTING, 212, 'crc while the timer ticks 250 times a second'),
  row(7, 'pages', PAGING, 16, '1024 leaves of 4 KiB, each touched once, over and over'),
  row(8, 'megapages', PAGING, 16, '1024 leaves of 2 MiB, each touched once, over and over'),
  row(9, 'chase-1m', PAGING, 64, 'a chain of pointers, one in each of 256 pages'),
  row(10, 'chase-16m', PAGING, 4, 'a chain of pointers, one in each of 4096 pages'),
  row(11, 'remap', PAGING, 16, 'a quarter of 1024 leaves mapped anew and fenced, all touched'),
  row(12, 'syscalls', CALLS, 6, 'a process calls its kernel and calls again'),
  row(13, 'pipe', CALLS, 6, 'two processes answer each other: a switch of address space each time'),
  row(14, 'sbi-call', CALLS, 4, 'the kernel calls the layer beneath it'),
  row(15, 'sbi-console', CALLS, 1, 'the kernel prints a line by way of the layer'),
  row(16, 'ticks', TIMER, 10, 'a timer interrupt every 100 us, idle between'),
  row(17, 'fast-ticks', TIMER, 10, 'a timer interrupt every 10 us'),
  row(18, 'rearm', TIMER, 4, 'the timer set anew before it expires'),
  row(19, 'completions', DEVICES, 4, 'DMA transfers of 64 bytes, an interrupt for each'),
  row(20, 'plic', DEVICES, 4, 'sources enabled, disabled and claimed, with none pending'),
  row(21, 'uart', DATA, 4, 'bytes out of the serial port'),
  row(22, 'copies', DATA, 8, 'DMA transfers of 64 KiB, each then read through'),
];

/** Needs another guest that runs the same; nothing to compare with in native. */
export const PING_PONG = row(
  23,
  'ping-pong',
  'world switches',
  4,
  'two guests answer each other by the message channel',
);

/** Their reports are what is measured: cycles from the cause of an interrupt to the handler. */
export const TIMER_LATENCY = row(24, 'timer-latency', 'latency', 1, 'a timer that expires, a busy guest');
export const DEVICE_LATENCY = row(25, 'device-latency', 'latency', 1, 'a DMA transfer ends, a busy guest');

/** A few of each class, by which parameters are swept: those on which the layers differ most. */
export const SWEPT: readonly string[] = [
  'crc',
  'ticked',
  'pages',
  'chase-1m',
  'remap',
  'pipe',
  'sbi-call',
  'ticks',
  'completions',
  'plic',
  'uart',
];

/** Pages that a round of touching touches. */
export const TOUCHES_PER_ROUND = 1024;

export function findWorkload(name: string): Workload {
  const workload = workloads.find((candidate) => candidate.name === name);
  if (workload === undefined) throw new RangeError(`there is no workload ${name}`);
  return workload;
}
