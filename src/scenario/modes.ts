// The modes there are, in the order in which reports show them. A new mode is a row here and a folder of its own.
import { colocated, partitioned } from '../colocation/mode.ts';
import { native } from '../firmware/mode.ts';
import { open, virtualized } from '../vmm/mode.ts';
import type { Mode } from './mode.ts';

export const modes: readonly Mode[] = [native, colocated, partitioned, open, virtualized];

/** However a scenario has them. */
export const inReportOrder = (names: readonly string[]): string[] =>
  modes.map(({ name }) => name).filter((name) => names.includes(name));

export function findMode(name: string): Mode {
  const mode = modes.find((candidate) => candidate.name === name);
  if (mode === undefined) throw new RangeError(`there is no mode ${name}`);
  return mode;
}
