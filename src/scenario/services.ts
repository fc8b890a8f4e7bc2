// Services that layers have for guests: what of them is in a device tree, in a configuration block, on the machine.
import { constants } from '../../images/index.ts';
import { VIRTUAL_KINDS, type VirtualKind } from '../machine/virtual-devices.ts';
import type { NameConfigValues, ServiceConfigValues } from './config-block.ts';
import type { SourceDocument } from './document.ts';
import type { ScenarioDocument } from './schema.ts';

/** One virtual device for some guests, by their numbers. */
export interface Service {
  readonly kind: VirtualKind;
  readonly of: readonly number[];
}

/** Kinds of virtual devices that a guest has, in order of address. */
export function virtualKinds(services: readonly Service[], guest: number): VirtualKind[] {
  return VIRTUAL_KINDS.filter((kind) =>
    services.some((service) => service.kind === kind && service.of.includes(guest)),
  );
}

export function serviceConfig({ kind, of }: Service): ServiceConfigValues {
  return { kind: VIRTUAL_KINDS.indexOf(kind), guests: of.reduce((bits, guest) => bits | (1 << guest), 0) };
}

/** The characters of a name as the block has them. */
export function nameConfig(name: string): NameConfigValues {
  const bytes = new Uint8Array(constants.NAME_BYTES);
  new TextEncoder().encodeInto(name, bytes);
  const view = new DataView(bytes.buffer);
  return { text: [view.getBigUint64(0, true), view.getBigUint64(8, true)] };
}

/** Checks what the schema cannot see. */
export function readServices(source: SourceDocument, { services, guests }: ScenarioDocument): Service[] {
  const names = Object.keys(guests);
  return services.map(({ kind, of }, index): Service => {
    if (services.slice(0, index).some((other) => other.kind === kind)) {
      source.fail(['services', index], `is a second ${kind}`, `name all its guests in one ${kind}`);
    }
    const numbers = of.map((name, place) => {
      const number = names.indexOf(name);
      if (number < 0) source.fail(['services', index, 'of', place], 'is no guest', `choose from ${names.join(', ')}`);
      return number;
    });
    return { kind, of: numbers };
  });
}
