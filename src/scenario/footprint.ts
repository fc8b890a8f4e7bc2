// How large each layer is, beside the kernels above it: bytes of code and of data, lines of source.
import type { Image } from '../../images/index.ts';
import { images } from '../../images/index.ts';
import { modes } from './modes.ts';

export interface Footprint {
  readonly component: string;
  /** Bytes of executable sections. */
  readonly text: number;
  /** Bytes of all others, zeroed ones and stacks included. */
  readonly data: number;
  /** Lines with code, headers included. */
  readonly sourceLines: number;
  /** Instructions that acts of a guest can reach; null for a guest itself. */
  readonly reachable: number | null;
}

function footprintOf(component: string, image: Image): Footprint {
  const sections = Object.values(image.sections);
  const sum = (executable: boolean): number =>
    sections.filter(({ flags }) => flags.includes('X') === executable).reduce((total, { size }) => total + size, 0);
  return { component, text: sum(true), data: sum(false), sourceLines: image.sourceLines, reachable: image.reachable };
}

/** Every layer of the modes, then every guest, each once. */
export function footprints(): Footprint[] {
  const built: Readonly<Record<string, Image>> = images;
  const layers = new Map(modes.flatMap(({ components }) => components).map(({ name, image }) => [name, image]));
  const guests = Object.keys(built).filter((name) => built[name]?.linkedAt === 'slot');
  return [...layers, ...guests.map((name): [string, string] => [name, name])].flatMap(([component, name]) => {
    const image = built[name];
    return image === undefined ? [] : [footprintOf(component, image)];
  });
}
