import { describe, expect, it } from 'vitest';
import { dependenciesOf, inLoadOrder } from './modules.ts';

const withInfo = (depends: string) => new TextEncoder().encode(`\x7fELF..\0license=GPL\0depends=${depends}\0name=x\0`);

describe('dependenciesOf', () => {
  it('reads the list, with the names that the kernel uses', () => {
    expect(dependenciesOf(withInfo('net_failover,virtio-rng'))).toEqual(['net_failover', 'virtio_rng']);
    expect(dependenciesOf(withInfo(''))).toEqual([]);
  });
});

describe('inLoadOrder', () => {
  const files: Readonly<Record<string, Uint8Array>> = {
    virtio_net: withInfo('net_failover,built_in'),
    net_failover: withInfo('failover'),
    failover: withInfo(''),
    ring_a: withInfo('ring_b'),
    ring_b: withInfo('ring_a'),
  };
  const names = (...wanted: string[]) => inLoadOrder(wanted, (name) => files[name]).map(({ name }) => name);

  it('puts what is needed first, each once, and leaves out what the kernel has built in', () => {
    expect(names('virtio_net', 'failover')).toEqual(['failover', 'net_failover', 'virtio_net']);
  });

  it('ends where modules claim to need each other', () => {
    expect(names('ring_a')).toEqual(['ring_b', 'ring_a']);
  });
});
