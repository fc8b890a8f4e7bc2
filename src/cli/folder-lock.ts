// One campaign per folder at a time. A lock whose owner was killed is taken over, so that a crash needs no cleaning up.

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RefusedFolder } from '../campaign/errors.ts';

/** When that process began, in the system's own count: a number that a later process of the same id does not share.
 * Empty where the system does not tell, or the process is gone. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold anything; the start is the 20th field after it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function readLock(path: string): { readonly pid: number; readonly start: string } {
  const [pid, start = ''] = readFileSync(path, 'utf8').split(' ');
  return { pid: Number(pid), start };
}

/** Answers how to let go of it. */
export function lockFolder(folder: string): () => void {
  const path = join(folder, 'lock');
  const mine = `${process.pid} ${startOf(process.pid)}`;
  const release = () => rmSync(path, { force: true });
  try {
    writeFileSync(path, mine, { flag: 'wx' });
    return release;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const { pid, start } = readLock(path);
  if (pid > 0 && pid !== process.pid && isRunning(pid) && startOf(pid) === start) {
    throw new RefusedFolder(
      folder,
      `is being worked on by another taco (process ${pid})`,
      `wait for it, or end it; if it is no taco, remove ${path}`,
    );
  }
  writeFileSync(path, mine);
  return release;
}
