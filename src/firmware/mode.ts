// native: the firmware and one guest, its neighbours absent. The baseline of cost, and where faults are sampled.
import type { Arrangement, LayerImage, Mode } from '../scenario/mode.ts';
import { FIRMWARE } from './layout.ts';

export const firmwareImage: LayerImage = { name: 'firmware', party: 'firmware', ...FIRMWARE };

export const native: Mode = {
  name: 'native',
  title: 'each guest alone on the firmware',
  components: [{ name: 'firmware', image: 'firmware' }],
  fixesPlacement: 'nothing below the guest translates addresses',
  arrange: (scenario): Arrangement[] =>
    scenario.guests.map((guest) => ({
      guests: [guest.index],
      layers: [firmwareImage],
      nextStage: undefined,
      openSources: 0n,
      regions: [],
      worlds: { machineMode: 'firmware', supervisorMode: 'guest' },
    })),
};
