import type { Part } from '../part.ts';
import { coreWith, Judge } from './judge.ts';
import { rewrite } from './rewrite.ts';
import { WRONG_MACHINES } from './wrong-machines.ts';

interface Verdict {
  readonly id: string;
  readonly title: string;
  readonly mirrors: string;
  /** The case of the suite that failed first, null where none did. */
  readonly killedBy: string | null;
}

const rowOf = ({ id, title, killedBy }: Verdict) =>
  killedBy === null ? `  SURVIVED ${id.padEnd(4)} ${title}` : `  ${id.padEnd(4)} ${title}\n         by ${killedBy}`;

/** Every wrong machine on the conformance suite, which the right one passes. */
export async function mutantsPart(): Promise<Part> {
  const judge = new Judge();
  const failing = judge.killer(coreWith([]));
  if (failing !== undefined)
    throw new Error(`the machine itself fails the suite, so it cannot judge others: ${failing}`);
  const mutants = WRONG_MACHINES.map((machine): Verdict => {
    const { id, title, mirrors } = machine;
    return { id, title, mirrors, killedBy: judge.killer(coreWith([rewrite(machine)])) ?? null };
  });
  const killed = mutants.filter(({ killedBy }) => killedBy !== null).length;
  const total = mutants.length;
  return {
    key: 'mutants',
    holds: killed === total,
    record: { killed, total, mutants },
    text: [`wrong machines: ${killed} of ${total} killed`, ...mutants.map(rowOf)].join('\n'),
  };
}
