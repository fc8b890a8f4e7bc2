// colocated: the nanokernel time-shares the hart between kernels in S-mode; memory is divided by convention only.
import type { Mode } from '../scenario/mode.ts';
import { NANOKERNEL } from './layout.ts';
import { CURRENT_GUEST } from './symbols.ts';

export const colocated: Mode = {
  name: 'colocated',
  title: 'nanokernel, all memory open',
  components: [{ name: 'nanokernel', image: 'nanokernel' }],
  arrange: (scenario) => [
    {
      guests: scenario.guests.map(({ index }) => index),
      layers: [{ name: 'nanokernel', party: 'layer', ...NANOKERNEL }],
      nextStage: undefined,
      openSources: 0n,
      regions: [],
      worlds: {
        machineMode: 'layer',
        supervisorMode: 'guest',
        symbols: { image: 'nanokernel', currentGuest: CURRENT_GUEST },
      },
    },
  ],
};
