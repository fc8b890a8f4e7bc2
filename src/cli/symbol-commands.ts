import type { BootPlan } from '../scenario/boot.ts';

/** Commands that tell GDB where the images of taco lie. */
export function symbolCommands(plan: BootPlan): string[] {
  const layers = [...plan.layers.keys()].map((name) => `add-symbol-file images/${name}.elf`);
  const guests = plan.guests.flatMap(({ image, memory }) =>
    image.kind === 'built' ? [`add-symbol-file images/${image.name}.elf -o 0x${memory.base.toString(16)}`] : [],
  );
  return [...layers, ...guests];
}
