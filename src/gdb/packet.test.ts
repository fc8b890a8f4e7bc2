import { describe, expect, it } from 'vitest';
import { encodePacket, PACKET_LIMIT, PacketReader } from './packet.ts';

describe('a packet', () => {
  it('carries every byte there and back', () => {
    const data = String.fromCharCode(...Array.from({ length: 256 }, (_, i) => i));
    expect(new PacketReader().feed(encodePacket(data))).toEqual([{ kind: 'packet', data }]);
  });

  it('has the checksum of the manual', () => {
    expect(encodePacket('OK')).toBe('$OK#9a');
    expect(encodePacket('a#b')).toBe('$a}\x03b#43');
  });

  it('may come in any pieces, among acknowledgements and interrupts', () => {
    const reader = new PacketReader();
    const found = [...'+$g#67-\x03$m0,4#fd'].flatMap((character) => reader.feed(character));
    expect(found).toEqual([
      { kind: 'ack' },
      { kind: 'packet', data: 'g' },
      { kind: 'nack' },
      { kind: 'interrupt' },
      { kind: 'packet', data: 'm0,4' },
    ]);
  });

  it.each([
    ['a wrong checksum', '$g#68'],
    ['digits that are none', '$g#zz'],
    ['no end in sight', `$${'x'.repeat(PACKET_LIMIT + 1)}#00`],
  ])('is damaged by %s', (_, text) => {
    expect(new PacketReader().feed(text)).toEqual([{ kind: 'damaged' }]);
  });

  it('begins anew where the last one was cut off', () => {
    expect(new PacketReader().feed('$m80000$g#67')).toEqual([{ kind: 'packet', data: 'g' }]);
  });
});
