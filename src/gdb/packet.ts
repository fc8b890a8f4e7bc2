// Packets of the GDB remote serial protocol: `$data#checksum`, acknowledgements, and the interrupt byte between them.
// Text here is one character per byte. "Debugging with GDB", appendix E.1.

/** The longest packet either side may send, in characters; said to the other side as PacketSize. */
export const PACKET_LIMIT = 0x4000;

export type Incoming =
  | { readonly kind: 'packet'; readonly data: string }
  /** Wrong checksum, or too long. */
  | { readonly kind: 'damaged' }
  | { readonly kind: 'ack' }
  | { readonly kind: 'nack' }
  | { readonly kind: 'interrupt' };

const INTERRUPT = '\x03';
const ESCAPE = '}';
const FLIP = 0x20;

function checksum(text: string): string {
  let sum = 0;
  for (let i = 0; i < text.length; i++) sum += text.charCodeAt(i);
  return (sum & 0xff).toString(16).padStart(2, '0');
}

const flipped = (character: string): string => String.fromCharCode(character.charCodeAt(0) ^ FLIP);

export function encodePacket(data: string): string {
  const escaped = data.replace(/[#$}*]/g, (character) => ESCAPE + flipped(character));
  return `$${escaped}#${checksum(escaped)}`;
}

function unescaped(text: string): string {
  return text.replace(/\}([\s\S])/g, (_, character: string) => flipped(character));
}

/** Takes packets out of a stream that arrives in any pieces. Holds at most one packet, however long the line is. */
export class PacketReader {
  /** What came since `$`, undefined between packets. */
  private body: string | undefined;
  /** Digits of the checksum so far, undefined before `#`. */
  private digits: string | undefined;
  private tooLong = false;

  feed(text: string): Incoming[] {
    const found: Incoming[] = [];
    for (const character of text) {
      const one = this.take(character);
      if (one !== undefined) found.push(one);
    }
    return found;
  }

  private take(character: string): Incoming | undefined {
    if (this.body === undefined) return this.between(character);
    if (this.digits !== undefined) return this.close(character);
    if (character === '#') this.digits = '';
    // Inside a packet `$` is always escaped: the end of the one before was lost.
    else if (character === '$') this.open();
    else if (this.body.length < PACKET_LIMIT) this.body += character;
    else this.tooLong = true;
    return undefined;
  }

  private open(): void {
    this.body = '';
    this.digits = undefined;
    this.tooLong = false;
  }

  private between(character: string): Incoming | undefined {
    if (character === '$') this.open();
    if (character === '+') return { kind: 'ack' };
    if (character === '-') return { kind: 'nack' };
    return character === INTERRUPT ? { kind: 'interrupt' } : undefined;
  }

  private close(character: string): Incoming | undefined {
    const digits = (this.digits ?? '') + character.toLowerCase();
    this.digits = digits;
    if (digits.length < 2) return undefined;
    const body = this.body ?? '';
    const whole = !this.tooLong && digits === checksum(body);
    this.body = undefined;
    this.digits = undefined;
    return whole ? { kind: 'packet', data: unescaped(body) } : { kind: 'damaged' };
  }
}
