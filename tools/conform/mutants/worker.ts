import { parentPort } from 'node:worker_threads';
import { Judge } from './judge.ts';
import type { Told } from './thread.ts';

/** Judges one core after another, in a thread of its own because a wrong core may never come back. */
const judge = new Judge();
const tell = (told: Told) => parentPort?.postMessage(told);

parentPort?.on('message', (core: WebAssembly.Module) => {
  const killedBy = judge.killer(core, (name) => tell({ kind: 'case', name }));
  tell({ kind: 'judged', killedBy: killedBy ?? null });
});
