// How large each layer is, beside the kernels above it: bytes of code and of data, lines of source.
import type { Image } from '../../images/index.ts';
import { images } from '../../images/index.ts';
import { builtFor, type ImageSet, type LoadedImage } from './image-set.ts';
import { modes } from './modes.ts';
import type { ImageSource, Scenario } from './scenario.ts';

export interface Footprint {
  /** What it serves as: a layer of a mode, or a kernel. */
  readonly component: string;
  /** What was counted: a built image, or the file that stands in its place. */
  readonly image: string;
  /** Bytes of executable sections. */
  readonly text: number;
  /** Bytes of all others, zeroed ones and stacks included. */
  readonly data: number;
  /** Lines with code, headers included; null for a file, whose sources nobody has. */
  readonly sourceLines: number | null;
  /** Instructions that acts of whoever runs above it can reach, a layer's guests or a kernel's processes; null for a file. */
  readonly reachable: number | null;
}

const sumOf = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0);

function builtFootprint(component: string, name: string, image: Image): Footprint {
  const sections = Object.values(image.sections);
  const bytes = (executable: boolean): number =>
    sumOf(sections.filter(({ flags }) => flags.includes('X') === executable).map(({ size }) => size));
  const { sourceLines, reachable } = image;
  return { component, image: name, text: bytes(true), data: bytes(false), sourceLines, reachable };
}

/** By its segments: a file need not have sections. Where one segment is all, code is what has that name. */
function fileFootprint(component: string, image: string, { elf }: LoadedImage): Footprint {
  const all = sumOf(elf.segments.map(({ memorySize }) => memorySize));
  const code = sumOf(elf.segments.filter(({ executable }) => executable).map(({ memorySize }) => memorySize));
  const named = elf.segments.length === 1 ? elf.sections.find(({ name }) => name === '.text') : undefined;
  const text = named?.size ?? code;
  return { component, image, text, data: all - text, sourceLines: null, reachable: null };
}

/** A layer of some mode: the built one, or what the scenario has in its place. */
function layerFootprint(
  component: string,
  name: string,
  source: ImageSource | undefined,
  loaded: LoadedImage | undefined,
): Footprint[] {
  if (source?.kind === 'file') return loaded === undefined ? [] : [fileFootprint(component, source.path, loaded)];
  const built: Readonly<Record<string, Image>> = images;
  const image = built[name];
  return image === undefined ? [] : [builtFootprint(component, name, image)];
}

/** Every layer of the modes, then every kernel, each once. */
export function footprints(
  scenario: Pick<Scenario, 'factors' | 'layers' | 'guests'>,
  set: Pick<ImageSet, 'layers' | 'guests'>,
): Footprint[] {
  const { layers = {}, guests } = scenario;
  const components = new Map(modes.flatMap((mode) => mode.components).map((component) => [component.name, component]));
  const kernels = Object.entries<Image>(images).filter(([, { linkedAt }]) => linkedAt === 'slot');
  const own = guests.flatMap(({ name, index, image }) => {
    const loaded = set.guests[index];
    return image.kind === 'built' || loaded === undefined ? [] : [fileFootprint(name, image.path, loaded)];
  });
  return [
    ...[...components].flatMap(([name, component]) =>
      layerFootprint(name, builtFor(scenario, component), layers[component.image], set.layers.get(component.image)),
    ),
    ...kernels.map(([name, image]) => builtFootprint(name, name, image)),
    ...own,
  ];
}
