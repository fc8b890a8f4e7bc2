import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const How = z.enum(['avoided', 'masked', 'recognised', 'set']);

const Entry = z.strictObject({
  id: z.string(),
  of: z.enum(['qemu', 'spike']),
  how: z.union([How, z.array(How)]),
  /** What the other machine does. */
  does: z.string(),
  /** The sentence of the manual that decides. */
  manual: z.string(),
  rule: z.string(),
});
export type KnownError = z.infer<typeof Entry>;

/** known.yaml, checked. */
export function readKnown(): readonly KnownError[] {
  return z.array(Entry).parse(parse(readFileSync(join(import.meta.dirname, 'known.yaml'), 'utf8')));
}
