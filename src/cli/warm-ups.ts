// Ends of warm-ups on the disk, so that a kernel that takes a second to boot is booted once for all workers and commands:
// runs/.warm-ups/, a file for each boot, named by all that its end depends on. Results are the same without it.

import { createHash, randomUUID } from 'node:crypto';
import { readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { z } from 'zod';
import { PAGE } from '../faults/targets.ts';
import { forVerdict } from '../faults/translation.ts';
import type { WarmState, WarmUps } from '../faults/warm-up.ts';
import type { BootPlan } from '../scenario/boot.ts';
import { makeFolder, MOST_IMAGE_BYTES, openPlainFile } from './files.ts';
import { hashMachine } from './validation.ts';

/** Of the files; another one for each change of what they hold or of what a warm-up is. */
const SCHEMA = 'taco.warm-up/1';
const DIGEST_BYTES = 32;
/** Files kept, the latest ones. */
const KEPT = 24;
const COMPRESSION = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** What the machine itself wrote it alone can read: its state is checked by its hash. */
const contents = z.strictObject({
  schema: z.literal(SCHEMA),
  hash: z.string(),
  state: z.custom<WarmState['state']>((value) => typeof value === 'object' && value !== null),
  pages: z.instanceof(Uint32Array),
  bytes: z.instanceof(Uint8Array),
});

const digest = (data: Uint8Array): Buffer => createHash('sha256').update(data).digest();

/** Of bytes that do not change: images are the same objects in every plan of a workspace. */
const known = new WeakMap<Uint8Array, string>();
function hashOf(data: Uint8Array): string {
  const hash = known.get(data) ?? digest(data).toString('hex');
  known.set(data, hash);
  return hash;
}

/** All that the end of a warm-up depends on: what is loaded where, whose it is, and the source of the machine. */
function keyOf(plan: BootPlan, machine: string): string {
  const { entry, configAddress, ownership, worlds, warmup } = plan;
  const loads = plan.loads.map(({ base, bytes: data }) => [base, hashOf(data)]);
  const options = forVerdict(plan).machine;
  const all = { schema: SCHEMA, machine, options, loads, entry, configAddress, ownership, worlds, warmup };
  const text = JSON.stringify(all, (_, value: unknown) => (value instanceof Uint8Array ? hashOf(value) : value));
  return digest(new TextEncoder().encode(text)).toString('hex');
}

function encode(warm: WarmState): Uint8Array {
  const data = zstdCompressSync(serialize({ schema: SCHEMA, ...warm }), COMPRESSION);
  return Buffer.concat([digest(data), data]);
}

/** Undefined for a file that was cut short, changed, or written by another version. */
function decode(file: Uint8Array): WarmState | undefined {
  const data = file.subarray(DIGEST_BYTES);
  if (!digest(data).equals(file.subarray(0, DIGEST_BYTES))) return undefined;
  const { success, data: warm } = contents.safeParse(deserialize(zstdDecompressSync(data)));
  return success && warm.bytes.length === warm.pages.length * PAGE ? warm : undefined;
}

/** The files beyond those kept, the oldest ones; whoever needs one of them boots. */
function prune(folder: string): void {
  const age = (name: string): number => statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const names = readdirSync(folder).sort((a, b) => age(b) - age(a));
  for (const name of names.slice(KEPT)) rmSync(join(folder, name), { force: true });
}

/** @param say is told why a file was of no use: nothing else comes of it */
export function openWarmUps(root: string, say: (sentence: string) => void): WarmUps {
  const folder = join(root, 'runs', '.warm-ups');
  let machine: string | undefined;
  const pathOf = (plan: BootPlan): string => {
    machine ??= hashMachine(root).sha256;
    return join(folder, keyOf(plan, machine));
  };
  return {
    recall(plan) {
      const opened = openPlainFile(pathOf(plan), MOST_IMAGE_BYTES);
      if ('problem' in opened) return undefined;
      const warm = decode(opened.bytes);
      if (warm === undefined) say(`taco: ${pathOf(plan)} is damaged; guests boot again\n`);
      return warm;
    },
    keep(plan, warm) {
      try {
        makeFolder(folder);
        const path = pathOf(plan);
        const fresh = `${path}.${randomUUID()}`;
        writeFileSync(fresh, encode(warm), { mode: 0o600 });
        renameSync(fresh, path);
        prune(folder);
      } catch (error) {
        say(`taco: ${folder} cannot be written (${(error as NodeJS.ErrnoException).code}); guests boot each time\n`);
      }
    },
  };
}
