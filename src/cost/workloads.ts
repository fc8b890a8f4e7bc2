// The workloads of the measuring kernel: numbers of src/guests/bench/main.c.

export interface Workload {
  readonly id: number;
  readonly name: string;
  /** Class of work, under which a report sums up. */
  readonly class: string;
  readonly about: string;
}

export const workloads: readonly Workload[] = [
  { id: 1, name: 'computing', class: 'computing', about: 'integer loops, a sort, a hash: the hart alone' },
  {
    id: 2,
    name: 'paging',
    class: 'page-table stress',
    about: '4 KiB pages mapped, touched, remapped and unmapped: the TLB and its fences',
  },
  { id: 3, name: 'syscalls', class: 'system calls', about: 'a process calls and calls: traps between U and S' },
  { id: 4, name: 'ticks', class: 'timer ticks', about: 'a timer interrupt every 100 us, idle between' },
];

/** Ticks that one round of the workload `ticks` serves. */
export const TICKS_PER_ROUND = 100;

export function findWorkload(name: string): Workload {
  const workload = workloads.find((candidate) => candidate.name === name);
  if (workload === undefined) throw new RangeError(`there is no workload ${name}`);
  return workload;
}
