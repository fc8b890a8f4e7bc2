// The shape of a scenario file. Descriptions and examples appear in the published JSON schema and in error messages.
import { z } from 'zod';
import { MAX_ARGS } from './linux-image.ts';
import { modes } from './modes.ts';
import { parseBudget, parseRange, parseSize, parseTicks, parseWindow } from './quantities.ts';

/** Guests that the board has devices for. */
export const MAX_GUESTS = 4;
const MAX_WORK = 1_000_000;
const MAX_PRIORITY = 255;
const MAX_RESTARTS = 1_000_000;
const MAX_ACT = 4096;
/** What runs beneath the guests of any mode. */
const layerNames = [...new Set(modes.flatMap(({ components }) => components.map(({ image }) => image)))];

export const size = z
  .union([z.string(), z.number()])
  .refine((text) => parseSize(text) !== undefined, { error: 'is no size' })
  .meta({ description: 'bytes, with K, M or G', examples: ['128M'] });

export const timing = z.enum(['inorder', 'functional']).default('inorder').meta({ description: 'the timing model' });

const range = z
  .string()
  .refine((text) => parseRange(text) !== undefined, { error: 'is no address range' })
  .meta({ description: 'address + size', examples: ['0x82000000+32M'] });

const time = z
  .string()
  .refine((text) => parseTicks(text) !== undefined, { error: 'is no time in whole multiples of 100ns' })
  .meta({ description: 'a time in ns, us, ms or s', examples: ['200us'] });

const budget = z
  .string()
  .refine((text) => parseBudget(text) !== undefined, { error: 'is no budget in whole multiples of 100ns' })
  .meta({ description: 'processor time / period', examples: ['2ms/10ms'] });

const window = z
  .string()
  .refine((text) => parseWindow(text) !== undefined, { error: 'is no window in whole multiples of 100ns' })
  .meta({ description: 'when it may run: start + length / period', examples: ['2ms+3ms/10ms'] });

const guestName = z.string().regex(/^[a-z][a-z0-9-]{0,15}$/);

const guestNames = z
  .array(guestName)
  .min(1)
  .refine((names) => new Set(names).size === names.length, { error: 'names a guest twice' })
  .meta({ description: 'the guests that have it, by name', examples: ['[linux, rtos]'] });

const service = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.enum(['console', 'serial', 'ethernet', 'rtc']).meta({
        description:
          'console: one for all, of the layer; lines bear the name of the guest. serial: a UART each of two guests, joined. ethernet: a network card each, and a switch. rtc: the time of day, to be read',
      }),
      of: guestNames,
    }),
    z.strictObject({
      kind: z.literal('disk').meta({ description: 'a disk for each, on one disk of the layer' }),
      of: guestNames,
      size: size.meta({ description: "size of each guest's disk, freshly formatted", examples: ['64K'] }),
      pool: size
        .optional()
        .meta({ description: 'room for all that they write, if it is not enough for all', examples: ['48K'] }),
      quota: size.optional().meta({ description: 'how much of the pool one guest may take', examples: ['16K'] }),
    }),
  ])
  .meta({ description: 'one virtual device for some guests', examples: ['{ kind: console, of: [linux, rtos] }'] });

const elfFile = z.string().regex(/\.elf$/);

const guest = z
  .strictObject({
    image: z
      .string()
      .optional()
      .meta({ description: 'a built guest image, or an ELF file beside the scenario', examples: ['rtos'] }),
    kernel: z
      .string()
      .min(1)
      .optional()
      .meta({
        description: 'an ELF file or a Linux Image beside the scenario or in guests/, in place of an image',
        examples: ['my-kernel.elf'],
      }),
    initrd: z
      .string()
      .min(1)
      .optional()
      .meta({ description: 'an initial file system for the kernel', examples: ['guests/debian/initrd.cpio'] }),
    init: z
      .string()
      .min(1)
      .optional()
      .meta({ description: 'a script that takes the place of /init there', examples: ['linux-init.sh'] }),
    memory: range.meta({
      description: "the guest's slot of RAM, on 2 MiB boundaries above the first 4 MiB",
      examples: ['0x82000000+32M'],
    }),
    priority: z
      .int()
      .min(0)
      .max(MAX_PRIORITY)
      .default(1)
      .meta({ description: 'greater runs first', examples: [2] }),
    budget: budget.optional(),
    window: window.optional(),
    watchdog: time.optional().meta({
      description: 'restarted when for so long of its own time it has not taken the interrupt of its timer',
      examples: ['50ms'],
    }),
    work: z
      .int()
      .min(1)
      .max(MAX_WORK)
      .default(64)
      .meta({ description: 'output words that make up its work', examples: [64] }),
    bound: time.default('10ms').meta({ description: 'longest allowed response time', examples: ['200us'] }),
    args: z
      .string()
      .max(MAX_ARGS)
      .default('')
      .meta({ description: "the guest's command line", examples: ['panic=halt'] }),
    dma: z
      .boolean()
      .default(true)
      .meta({ description: 'whether it has a DMA channel', examples: [true] }),
    disk: size.optional().meta({ description: 'size of a disk of its own, freshly formatted', examples: ['64K'] }),
  })
  .refine(({ image, kernel }) => (image === undefined) !== (kernel === undefined), {
    error: 'needs either an image or a kernel',
  })
  .meta({ description: 'one guest', examples: ['{ image: rtos, memory: 0x82000000+32M }'] });

export const scenarioSchema = z
  .strictObject({
    machine: z
      .strictObject({
        ram: size,
        timing,
        iommu: z
          .boolean()
          .default(false)
          .meta({ description: 'whether there is an IOMMU before DMA channels and disks', examples: [true] }),
      })
      .meta({ description: 'the machine', examples: ['{ ram: 128M, timing: inorder }'] }),
    factors: z
      .strictObject({
        scheduling: z
          .enum(['priority', 'budget'])
          .default('budget')
          .meta({ description: 'priority alone, or with budgets and windows kept' }),
        reset: z
          .enum(['guest', 'machine'])
          .default('guest')
          .meta({ description: "what a guest's reset request stops" }),
        restart: z.enum(['never', 'on-reset', 'on-reset-or-crash']).default('on-reset').meta({
          description: 'when a guest is restarted: on its reset request, or also when it waits with all interrupts off',
        }),
        restarts: z
          .int()
          .min(0)
          .max(MAX_RESTARTS)
          .default(3)
          .meta({ description: 'restarts of one guest before it is parked', examples: [3] }),
        cpus: z
          .enum(['shared', 'dedicated'])
          .default('shared')
          .meta({ description: 'whether guests share one hart or have one each' }),
        placement: z
          .enum(['identity', 'shifted'])
          .default('identity')
          .meta({ description: 'guest-physical = physical, or elsewhere, where a mode translates' }),
      })
      .prefault({})
      .meta({ description: 'what is equal in all compared modes' }),
    guests: z
      .record(guestName, guest)
      .refine((all) => Object.keys(all).length > 0, { error: 'is empty' })
      .refine((all) => Object.keys(all).length <= MAX_GUESTS, { error: `names more than ${MAX_GUESTS} guests` })
      .meta({ description: 'the guests, by name; their order gives them their devices', examples: ['{ rtos: … }'] }),
    services: z
      .array(service)
      .default([])
      .meta({
        description: 'virtual devices that nanokernel and hypervisor have for guests',
        examples: ['[{ kind: console, of: [linux, rtos] }]'],
      }),
    warmup: time
      .optional()
      .meta({ description: 'how long guests boot before faults are drawn and work is counted', examples: ['450ms'] }),
    layer: z
      .partialRecord(z.enum(layerNames), elfFile)
      .optional()
      .meta({
        description: 'an ELF file beside the scenario in place of a built layer',
        examples: ['{ hypervisor: my-hypervisor.elf }'],
      }),
    act: z
      .string()
      .min(1)
      .max(MAX_ACT)
      .optional()
      .meta({ description: 'a bug in assembly, for `taco show act`', examples: ['sd zero, 0(a0)'] }),
    modes: z
      .array(z.enum(modes.map(({ name }) => name)))
      .min(1)
      .refine((names) => new Set(names).size === names.length, { error: 'names a mode twice' })
      .default(modes.map(({ name }) => name))
      .meta({ description: 'the modes to boot it in', examples: ['[native, colocated, open, virtualized]'] }),
  })
  .meta({
    title: 'taco scenario',
    description: 'What runs on the machine, where, under which policies, in which modes',
  });

export type ScenarioDocument = z.output<typeof scenarioSchema>;

/** As published under schemas/. */
export function scenarioJsonSchema(): z.core.JSONSchema.JSONSchema {
  return z.toJSONSchema(scenarioSchema, { io: 'input' });
}
