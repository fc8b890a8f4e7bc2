// virtualized and open: the same firmware, the same hypervisor, other table data. In `virtualized` a guest's G-stage
// holds its own slot and devices; in `open` everything is mapped to everyone, which makes it the control of each verdict.
import { firmwareImage } from '../firmware/mode.ts';
import type { DeviceRow } from '../machine/board.ts';
import { board, diskSlot, guestDevices, iommu, layerDiskSlot, RAM_BASE } from '../machine/board.ts';
import type { Arrangement, LayerImage, Mode, Region } from '../scenario/mode.ts';
import type { Guest, Scenario } from '../scenario/scenario.ts';
import { HYPERVISOR } from './layout.ts';
import { CURRENT_GUEST, GSTAGE_ROOTS } from './symbols.ts';

const PAGE = 0x1000;
const GIBIBYTE = 2 ** 30;
const NO_SOURCES = 0n;
const ALL_SOURCES = 0xffff_ffff_ffff_ffffn;

const hypervisorImage: LayerImage = { name: 'hypervisor', party: 'layer', ...HYPERVISOR };

/** Superpages wherever base and size allow: the layer uses the largest leaf that fits. */
function ramRegion(guest: Guest, base: number, size: number, target: number): Region {
  return { guest: guest.index, base, size, target, permissions: 'rwx', leaf: GIBIBYTE };
}

function deviceRegion(guest: Guest, row: DeviceRow): Region {
  const size = Math.ceil(row.size / PAGE) * PAGE;
  return { guest: guest.index, base: row.base, size, permissions: 'rw', leaf: PAGE };
}

/** Its slot, and its own devices passed through. */
function isolatedRegions(scenario: Scenario): Region[] {
  return scenario.guests.flatMap((guest) => [
    ramRegion(guest, guest.memory.base, guest.memory.size, guest.physicalBase),
    ...guestDevices(guest.index, guest).map((row) => deviceRegion(guest, row)),
  ]);
}

/** Everything but the PLIC, which stays a hole: a guest takes interrupts only through the hypervisor. */
function openRegions(scenario: Scenario): Region[] {
  const own = scenario.guests.filter(({ disk }) => disk !== undefined).map(({ index }) => diskSlot(index));
  const disks = scenario.services?.some(({ kind }) => kind === 'disk') ? [...own, layerDiskSlot()] : own;
  const iommus = scenario.machine.iommu ? [iommu] : [];
  const devices = [...board.filter((row) => row.kind !== 'plic'), ...disks, ...iommus];
  return scenario.guests.flatMap((guest) => [
    ramRegion(guest, RAM_BASE, scenario.machine.ramSize, RAM_BASE),
    ...devices.map((row) => deviceRegion(guest, row)),
  ]);
}

function arrange(scenario: Scenario, regions: readonly Region[], openSources: bigint): Arrangement[] {
  return [
    {
      guests: scenario.guests.map(({ index }) => index),
      layers: [firmwareImage, hypervisorImage],
      nextStage: { entry: HYPERVISOR.base, hypervisor: true },
      openSources,
      regions,
      services: true,
      worlds: {
        machineMode: 'firmware',
        supervisorMode: 'layer',
        symbols: { image: 'hypervisor', currentGuest: CURRENT_GUEST, gstageRoots: GSTAGE_ROOTS },
      },
    },
  ];
}

const components = [
  { name: 'firmware', image: 'firmware' },
  { name: 'hypervisor', image: 'hypervisor', dedicated: 'hypervisor-harts' },
];

export const open: Mode = {
  name: 'open',
  title: 'hypervisor, everything mapped (control)',
  components,
  fixesPlacement: 'it maps all memory to everyone at its own address',
  arrange: (scenario) => arrange(scenario, openRegions(scenario), ALL_SOURCES),
};

export const virtualized: Mode = {
  name: 'virtualized',
  title: 'hypervisor, two-stage translation',
  components,
  fixesPlacement: undefined,
  arrange: (scenario) => arrange(scenario, isolatedRegions(scenario), NO_SOURCES),
};
