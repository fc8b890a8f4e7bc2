// colocated and partitioned: one nanokernel in M-mode beneath all guests. In `colocated` memory is divided by convention
// alone; in `partitioned` the nanokernel's PMP module is on, and each world switch loads the window of its guest.
import { guestDevices, plic } from '../machine/board.ts';
import type { Arrangement, Mode, Region } from '../scenario/mode.ts';
import type { Guest, Scenario } from '../scenario/scenario.ts';
import { NANOKERNEL } from './layout.ts';
import { CURRENT_GUEST } from './symbols.ts';

const PAGE = 0x1000;

/** What its device tree names. That includes the PLIC whole: by address alone its sources cannot be told apart. */
function windowOf({ index: guest, memory, dma, disk }: Guest): Region[] {
  const devices = [...guestDevices(guest, { dma, disk }), plic()];
  return [
    { guest, ...memory, permissions: 'rwx', leaf: PAGE },
    ...devices.map(({ base, size }): Region => {
      return { guest, base, size: Math.ceil(size / PAGE) * PAGE, permissions: 'rw', leaf: PAGE };
    }),
  ];
}

function arrange({ guests }: Scenario): Arrangement {
  return {
    guests: guests.map(({ index }) => index),
    layers: [{ name: 'nanokernel', party: 'layer', ...NANOKERNEL }],
    nextStage: undefined,
    openSources: 0n,
    regions: [],
    services: true,
    worlds: {
      machineMode: 'layer',
      supervisorMode: 'guest',
      symbols: { image: 'nanokernel', currentGuest: CURRENT_GUEST },
    },
  };
}

const components = [{ name: 'nanokernel', image: 'nanokernel', dedicated: 'nanokernel-harts' }];
const fixesPlacement = 'nothing below the guests translates addresses';

export const colocated: Mode = {
  name: 'colocated',
  title: 'nanokernel, all memory open',
  components,
  fixesPlacement,
  arrange: (scenario) => [arrange(scenario)],
};

export const partitioned: Mode = {
  name: 'partitioned',
  title: 'nanokernel, a PMP window per guest',
  components,
  fixesPlacement,
  arrange: (scenario) => [{ ...arrange(scenario), regions: scenario.guests.flatMap(windowOf), pmpModule: true }],
};
