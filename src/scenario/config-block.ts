// The configuration block of src/onboard/config.h as bytes. Names are those of the C structs, offsets are generated from
// them, so a field that C gains and nobody fills is zero, and one that C loses does not compile here.
import type { Layout } from '../../images/index.ts';
import { layouts } from '../../images/index.ts';

type StructName = keyof typeof layouts;
type Scalar = number | bigint;
/** Values for the fields of a C struct; structs nest, arrays are lists from element 0 on. */
type Values<Name extends StructName> = {
  readonly [Field in keyof (typeof layouts)[Name]['fields']]?: Scalar | readonly Scalar[] | readonly object[];
};

export type ConfigValues = Values<'config'>;
export type GuestConfigValues = Values<'guest_config'>;
export type RegionConfigValues = Values<'region_config'>;
export type ServiceConfigValues = Values<'service_config'>;
export type NameConfigValues = Values<'name_config'>;

function writeStruct(view: DataView, base: number, name: StructName, values: object): void {
  const layout: Layout = layouts[name];
  for (const [key, value] of Object.entries(values)) {
    const field = layout.fields[key];
    if (field === undefined) throw new RangeError(`struct ${name} has no field ${key}`);
    const elements: unknown[] = Array.isArray(value) ? value : [value];
    if (elements.length > field.count) {
      throw new RangeError(`${elements.length} elements for ${name}.${key}, which has ${field.count}`);
    }
    elements.forEach((element, index) => {
      writeElement(view, base + field.offset + index * field.size, field, element);
    });
  }
}

function writeElement(view: DataView, at: number, field: { size: number; struct?: string }, element: unknown): void {
  if (typeof element === 'object' && element !== null) {
    writeStruct(view, at, field.struct as StructName, element);
  } else if (typeof element === 'number' || typeof element === 'bigint') {
    if (field.size === 8) view.setBigUint64(at, BigInt(element), true);
    else view.setUint32(at, Number(element), true);
  }
}

export function encodeConfig(values: ConfigValues): Uint8Array {
  const bytes = new Uint8Array(layouts.config.size);
  writeStruct(new DataView(bytes.buffer), 0, 'config', values);
  return bytes;
}
