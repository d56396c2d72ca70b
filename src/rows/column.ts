import type { Field } from '../analysis/expression/field';

/** Longest text that is kept of a value, in UTF-16 units: what a list shows, and is searched in. */
export const KEPT_TEXT = 400;

/** Distinct texts of which a column knows at a time that it has them; beyond that it begins anew. */
const KNOWN_TEXTS = 1 << 16;
const FIRST_ROOM = 1024;

/** The values of one field for all rows, as small as can be. What was never set is not recorded. */
export interface Column<Value> {
  get(row: number): Value | undefined;
  /** Rows are set in ascending order, and again after the table was cut. */
  set(row: number, value: Value | undefined): void;
  /** What can be kept of the first `count` rows; a column of the same type takes it back. */
  state(count: number): ColumnState;
  restore(state: ColumnState): void;
}

/** A column as it is kept between sessions. */
export interface ColumnState {
  readonly values: Float64Array | Uint8Array | Uint32Array;
  readonly texts?: readonly string[];
}

type Numbers = Float64Array<ArrayBuffer> | Uint8Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;

/** The same numbers with room for a row, at least doubled where there is none. */
function withRoom<T extends Numbers>(values: T, row: number, make: (length: number) => T): T {
  if (row < values.length) return values;
  const grown = make(Math.max(row + 1, values.length * 2));
  grown.set(values);
  return grown;
}

/** Numbers in double precision; NaN stands for what is not recorded. */
export class NumberColumn implements Column<number> {
  private values = new Float64Array(FIRST_ROOM);

  get(row: number): number | undefined {
    const value = this.values[row] as number;
    return value === value ? value : undefined;
  }

  set(row: number, value: number | undefined): void {
    this.values = withRoom(this.values, row, (length) => new Float64Array(length));
    this.values[row] = value ?? NaN;
  }

  state(count: number): ColumnState {
    return { values: this.values.slice(0, count) };
  }

  restore({ values }: ColumnState): void {
    this.values = Float64Array.from(values);
  }
}

/** True or false in a byte: 0 not recorded, 1 false, 2 true. */
export class FlagColumn implements Column<boolean> {
  private values = new Uint8Array(FIRST_ROOM);

  get(row: number): boolean | undefined {
    const value = this.values[row];
    return value === 2 ? true : value === 1 ? false : undefined;
  }

  set(row: number, value: boolean | undefined): void {
    this.values = withRoom(this.values, row, (length) => new Uint8Array(length));
    this.values[row] = value === undefined ? 0 : value ? 2 : 1;
  }

  state(count: number): ColumnState {
    return { values: this.values.slice(0, count) };
  }

  restore({ values }: ColumnState): void {
    this.values = Uint8Array.from(values);
  }
}

/** Texts, each of those that repeat soon kept once; 0 stands for what is not recorded. */
export class TextColumn implements Column<string> {
  private ids = new Uint32Array(FIRST_ROOM);
  private texts: string[] = [''];
  private known = new Map<string, number>();

  get(row: number): string | undefined {
    const id = this.ids[row] as number;
    return id === 0 ? undefined : this.texts[id];
  }

  /** Number of the text of a row; 0 where there is none. Equal numbers mean equal texts, not the other way round. */
  idAt(row: number): number {
    return this.ids[row] ?? 0;
  }

  /** All texts by their numbers; the one of number 0 means nothing. */
  get all(): readonly string[] {
    return this.texts;
  }

  set(row: number, value: string | undefined): void {
    this.ids = withRoom(this.ids, row, (length) => new Uint32Array(length));
    this.ids[row] = value === undefined ? 0 : this.idOf(value);
  }

  state(count: number): ColumnState {
    return { values: this.ids.slice(0, count), texts: this.texts };
  }

  restore({ values, texts }: ColumnState): void {
    this.ids = Uint32Array.from(values);
    this.texts = [...(texts ?? [''])];
    this.known = new Map();
  }

  private idOf(value: string): number {
    const text = value.slice(0, KEPT_TEXT);
    const known = this.known.get(text);
    if (known !== undefined) return known;
    if (this.known.size >= KNOWN_TEXTS) this.known.clear();
    // Made anew: a piece of a text keeps the whole of it in memory.
    const own = Buffer.from(text, 'utf16le').toString('utf16le');
    this.texts.push(own);
    this.known.set(own, this.texts.length - 1);
    return this.texts.length - 1;
  }
}

/** Sets out of at most 31 names as bits; the highest bit says that the set is recorded. */
export class NamesColumn implements Column<readonly string[]> {
  private bits = new Uint32Array(FIRST_ROOM);
  private readonly sets = new Map<number, readonly string[]>();

  /** @throws RangeError for more names than there are bits */
  constructor(private readonly names: readonly string[]) {
    if (names.length > 31) throw new RangeError('A column of names has room for 31 names.');
  }

  get(row: number): readonly string[] | undefined {
    const bits = this.bits[row] ?? 0;
    if (bits === 0) return undefined;
    const known = this.sets.get(bits);
    if (known) return known;
    const set = this.names.filter((_, at) => (bits & (1 << at)) !== 0);
    this.sets.set(bits, set);
    return set;
  }

  set(row: number, value: readonly string[] | undefined): void {
    this.bits = withRoom(this.bits, row, (length) => new Uint32Array(length));
    let bits = 0;
    if (value) {
      bits = 1 << 31;
      for (const name of value) {
        const at = this.names.indexOf(name);
        if (at >= 0) bits |= 1 << at;
      }
    }
    this.bits[row] = bits >>> 0;
  }

  state(count: number): ColumnState {
    return { values: this.bits.slice(0, count) };
  }

  restore({ values }: ColumnState): void {
    this.bits = Uint32Array.from(values);
  }
}

/** The column that holds the values of a field. */
export type AnyColumn = NumberColumn | FlagColumn | TextColumn | NamesColumn;

/** An empty column for a field of that type. */
export function columnOf(field: Field<never>): AnyColumn {
  switch (field.type) {
    case 'number':
      return new NumberColumn();
    case 'boolean':
      return new FlagColumn();
    case 'text':
      return new TextColumn();
    case 'names':
      return new NamesColumn(field.values);
  }
}
