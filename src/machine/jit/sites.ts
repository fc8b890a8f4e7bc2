import { offsetOf } from '../hart/layout.ts';
import { SITE } from '../hart/sites.ts';
import { HART } from '../wasm/compile.ts';
import { type Emitter, OP } from '../wasm/emitter.ts';
import type { Region } from './region.ts';

const I32_XOR = 0x73;
const I64_OR = 0x84;
const I64_XOR = 0x85;

/** The loads and stores of a region that keep what they may access, see hart/sites.ts. */
export class Sites {
  /** Offset in the page of each site's instruction. */
  readonly offsets: readonly number[];
  private readonly area: number;
  private readonly places: ReadonlyMap<number, number>;

  /**
   * @param area host address of the place for them
   * @param wanted whether an instruction at an offset shall have one
   */
  constructor(area: number, region: Region, wanted: (offset: number) => boolean) {
    this.area = area;
    this.offsets = region.blocks
      .flatMap(({ instructions }) => instructions)
      .filter(({ row, offset }) => (row.cost === 'load' || row.cost === 'store') && wanted(offset))
      .map(({ offset }) => offset)
      .slice(0, SITE.most);
    this.places = new Map(this.offsets.map((offset, i) => [offset, area + SITE.first + SITE.bytes * i]));
  }

  /** Host address of the site of the instruction at an offset, if it has one. */
  of(offset: number): number | undefined {
    return this.places.get(offset);
  }

  /** Where a region is entered: empties the sites if the soft-TLB has lost entries since, or another one is in use. `empty` is the number of empty_sites. */
  enter(emit: Emitter, bank: number, empty: number): void {
    if (this.offsets.length === 0) return;
    emit.get(HART);
    emit.memory(OP.i64Load, offsetOf('soft_age'));
    emit.i32(0);
    emit.memory(OP.i64Load, this.area + SITE.age);
    emit.op(I64_XOR);
    emit.get(bank);
    emit.i32(0);
    emit.memory(OP.i32Load, this.area + SITE.bank);
    emit.op(I32_XOR);
    emit.op(OP.i64ExtendI32u);
    emit.op(I64_OR);
    emit.i64(0n);
    emit.op(OP.i64Ne);
    emit.open(OP.if);
    emit.get(HART);
    emit.i32(this.area);
    emit.i32(SITE.bytes * this.offsets.length);
    emit.call(empty);
    emit.close();
  }
}
