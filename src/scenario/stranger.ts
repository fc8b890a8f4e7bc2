// A stranger's machine: firmware, kernel and initial file system that were not built here, booted as they are. Such a
// scenario has no modes to compare; `firmware` at its top tells it from the others.
import { z } from 'zod';
import { HART_LIMIT } from '../machine/board.ts';
import type { JsonSchema } from './document.ts';
import { SourceDocument } from './document.ts';
import { MAX_ARGS } from './linux-image.ts';
import { checkRam } from './load.ts';
import { formatSize, parseSize } from './quantities.ts';
import type { Timing } from './scenario.ts';
import { leadsOutside, scenarioName } from './paths.ts';
import { size, timing } from './schema.ts';

const MAX_TEXT = 256;

/** Slots of the board. */
const MAX_SLOTS = 8;
const MAX_DISK = 2 ** 28;
const SECTOR = 512;

/** What is typed at the console once it has said something. */
export interface Cue {
  readonly after: string;
  readonly type: string;
}

/** What is in a virtio slot; paths as the scenario has them. */
export type SlotContent =
  | { readonly kind: 'block'; readonly image: string | undefined; readonly size: number; readonly readOnly: boolean }
  | { readonly kind: 'net'; readonly mac: string }
  | { readonly kind: 'console' }
  | { readonly kind: 'entropy'; readonly seed: number };

export interface Stranger {
  readonly name: string;
  readonly machine: { readonly ramSize: number; readonly timing: Timing; readonly harts: number };
  /** Paths as the scenario has them. */
  readonly firmware: string;
  readonly kernel: string;
  readonly initrd: string | undefined;
  readonly bootargs: string;
  /** By slot, from the first. */
  readonly virtio: readonly SlotContent[];
  /** In this order; each waits for what is said after the one before. */
  readonly cues: readonly Cue[];
}

/** Where the images built here are, by the project and not by the scenario. */
export const OWN_FIRMWARE = 'images/firmware.elf';

const file = (description: string, example: string) =>
  z
    .string()
    .min(1)
    .refine((path) => !leadsOutside(path), { error: 'is neither beside the scenario nor in guests/ or images/' })
    .meta({ description, examples: [example] });

const slot = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('block'),
      image: file('what is on the disk', 'disk.img').optional(),
      size: size.default('16M').meta({ description: 'its size where there is no image', examples: ['16M'] }),
      readOnly: z
        .boolean()
        .default(false)
        .meta({ description: 'whether it refuses writes', examples: [false] }),
    }),
    z.strictObject({
      kind: z.literal('net'),
      mac: z
        .string()
        .regex(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/)
        .default('52:54:00:12:34:56')
        .meta({ description: 'its address', examples: ['52:54:00:12:34:56'] }),
    }),
    z.strictObject({ kind: z.literal('console') }),
    z.strictObject({
      kind: z.literal('entropy'),
      seed: z
        .int()
        .min(0)
        .default(1)
        .meta({ description: 'the seed of what it gives', examples: [1] }),
    }),
  ])
  .meta({
    description: 'a disk, network card, console or source of entropy',
    examples: ['{ kind: block, size: 16M }'],
  });

const text = (description: string, example: string) =>
  z
    .string()
    .min(1)
    .max(MAX_TEXT)
    .meta({ description, examples: [example] });

export const strangerSchema = z
  .strictObject({
    machine: z
      .strictObject({
        ram: size,
        timing,
        harts: z
          .int()
          .min(1)
          .max(HART_LIMIT)
          .default(1)
          .meta({ description: 'harts, which run in turns', examples: [1] }),
      })
      .meta({ description: 'the machine', examples: ['{ ram: 256M }'] }),
    firmware: file(
      'an ELF file or raw image that runs in M-mode from the start of RAM',
      'guests/debian/fw_dynamic.bin',
    ),
    kernel: file('a Linux Image, ELF file or raw image that the firmware enters in S-mode', 'guests/debian/vmlinux'),
    initrd: file('an initial file system for the kernel', 'guests/debian/initrd.cpio').optional(),
    args: z
      .string()
      .max(MAX_ARGS)
      .default('')
      .meta({ description: "the kernel's command line", examples: ['console=ttyS0'] }),
    virtio: z
      .array(slot)
      .max(MAX_SLOTS)
      .default([])
      .meta({ description: 'what is in the virtio slots, from the first', examples: ['[{ kind: entropy }]'] }),
    input: z
      .array(
        z.strictObject({
          after: text('what the console says before', '~ # '),
          type: text('what is typed then', 'uname -a\n'),
        }),
      )
      .default([])
      .meta({ description: 'what is typed at the console, and when' }),
  })
  .meta({
    title: 'taco machine for strangers',
    description: 'Firmware and software that were not built here, and what is typed at their console',
  });

export function strangerJsonSchema(): z.core.JSONSchema.JSONSchema {
  return z.toJSONSchema(strangerSchema, { io: 'input' });
}

export function isStranger(path: string, content: string): boolean {
  return new SourceDocument(path, content).has(['firmware']);
}

function readSlot(source: SourceDocument, content: z.output<typeof slot>, index: number): SlotContent {
  if (content.kind !== 'block') return content;
  const bytes = parseSize(content.size) ?? 0;
  if (bytes === 0 || bytes > MAX_DISK || bytes % SECTOR !== 0) {
    const remedy = `use a multiple of ${SECTOR} bytes, at most ${formatSize(MAX_DISK)}`;
    source.fail(['virtio', index, 'size'], `${content.size} is no size of a disk`, remedy);
  }
  return { ...content, image: content.image, size: bytes };
}

/** `path` is what messages call it. */
export function loadStranger(path: string, content: string): { stranger: Stranger; source: SourceDocument } {
  const source = new SourceDocument(path, content);
  const document = source.parse(strangerSchema, strangerJsonSchema() as JsonSchema);
  const bytes = parseSize(document.machine.ram) ?? 0;
  checkRam(source, bytes);
  const stranger = {
    name: scenarioName(path),
    machine: { ramSize: bytes, timing: document.machine.timing, harts: document.machine.harts },
    firmware: document.firmware,
    kernel: document.kernel,
    initrd: document.initrd,
    bootargs: document.args,
    virtio: document.virtio.map((content, index) => readSlot(source, content, index)),
    cues: document.input,
  };
  return { stranger, source };
}
