const HEADER_BYTES = 64;
const PROGRAM_HEADER_BYTES = 56;
const SECTION_HEADER_BYTES = 64;
const SYMBOL_BYTES = 24;
const PAGE = 4096;

/** Pages of an image that are not all zero, adjoining ones together. */
function runs(image: Uint8Array): { at: number; end: number }[] {
  const found: { at: number; end: number }[] = [];
  const zeros = new Uint8Array(PAGE);
  for (let at = 0; at < image.length; at += PAGE) {
    const end = Math.min(at + PAGE, image.length);
    if (Buffer.compare(image.subarray(at, end), zeros.subarray(0, end - at)) === 0) continue;
    const last = found.at(-1);
    if (last?.end === at) last.end = end;
    else found.push({ at, end });
  }
  return found;
}

/** An ELF file that loads an image at an address and enters it there; pages of zeros are left out. */
export function elfFile(image: Uint8Array, base: number, symbols: Readonly<Record<string, number>>): Uint8Array {
  const segments = runs(image);
  const names = ['', '.symtab', '.strtab', '.shstrtab'];
  const text = (list: readonly string[]) => Buffer.from(`${list.join('\0')}\0`);
  const sectionNames = text(names);
  const symbolNames = text(['', ...Object.keys(symbols)]);
  const nameOffset = (list: readonly string[], index: number) =>
    list.slice(0, index).reduce((sum, name) => sum + name.length + 1, 0);

  const dataAt = HEADER_BYTES + PROGRAM_HEADER_BYTES * segments.length;
  const dataBytes = segments.reduce((sum, { at, end }) => sum + end - at, 0);
  const symbolsAt = dataAt + dataBytes;
  const symbolBytes = SYMBOL_BYTES * (Object.keys(symbols).length + 1);
  const symbolNamesAt = symbolsAt + symbolBytes;
  const sectionNamesAt = symbolNamesAt + symbolNames.length;
  const sectionsAt = Math.ceil((sectionNamesAt + sectionNames.length) / 8) * 8;
  const bytes = new Uint8Array(sectionsAt + SECTION_HEADER_BYTES * names.length);
  const view = new DataView(bytes.buffer);
  const half = (at: number, value: number) => view.setUint16(at, value, true);
  const word = (at: number, value: number) => view.setUint32(at, value, true);
  const wide = (at: number, value: number) => view.setBigUint64(at, BigInt(value), true);

  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  half(16, 2); // executable
  half(18, 243); // RISC-V
  word(20, 1);
  wide(24, base);
  wide(32, HEADER_BYTES);
  wide(40, sectionsAt);
  half(52, HEADER_BYTES);
  half(54, PROGRAM_HEADER_BYTES);
  half(56, segments.length);
  half(58, SECTION_HEADER_BYTES);
  half(60, names.length);
  half(62, 3);
  let fileAt = dataAt;
  segments.forEach(({ at, end }, i) => {
    const header = HEADER_BYTES + PROGRAM_HEADER_BYTES * i;
    word(header, 1); // PT_LOAD
    word(header + 4, 7);
    wide(header + 8, fileAt);
    wide(header + 16, base + at);
    wide(header + 24, base + at);
    wide(header + 32, end - at);
    wide(header + 40, end - at);
    bytes.set(image.subarray(at, end), fileAt);
    fileAt += end - at;
  });
  Object.values(symbols).forEach((value, i) => {
    const at = symbolsAt + SYMBOL_BYTES * (i + 1);
    word(at, nameOffset(['', ...Object.keys(symbols)], i + 1));
    view.setUint8(at + 4, 0x10); // global
    half(at + 6, 0xfff1); // absolute
    wide(at + 8, value);
  });
  bytes.set(symbolNames, symbolNamesAt);
  bytes.set(sectionNames, sectionNamesAt);
  const section = (index: number, type: number, at: number, size: number, link: number, entry: number) => {
    const header = sectionsAt + SECTION_HEADER_BYTES * index;
    word(header, nameOffset(names, index));
    word(header + 4, type);
    wide(header + 24, at);
    wide(header + 32, size);
    word(header + 40, link);
    wide(header + 56, entry);
  };
  section(1, 2, symbolsAt, symbolBytes, 2, SYMBOL_BYTES);
  section(2, 3, symbolNamesAt, symbolNames.length, 0, 0);
  section(3, 3, sectionNamesAt, sectionNames.length, 0, 0);
  return bytes;
}
