import type { ExceptionName, UnnamedName } from './exceptions';

/** The way to a value in expected.json: keys of objects and places in lists. */
export type Path = readonly (string | number)[];

type State = 'compared' | 'mismatched' | ExceptionName;

/** What came of the leaf values of one file. */
export interface Tally {
  readonly named: number;
  readonly compared: number;
  readonly mismatched: readonly string[];
  readonly excepted: ReadonlyMap<ExceptionName, number>;
  /** Leaves that were neither compared nor excepted. */
  readonly untouched: readonly string[];
  /** Values that a reader gave and that are not named, with their reasons. */
  readonly unnamed: ReadonlyMap<UnnamedName, number>;
}

const keyOf = (path: Path): string => path.join('\u0001');
const shown = (path: Path | string): string =>
  (typeof path === 'string' ? path.split('\u0001') : path).join(' > ').replaceAll('\u001f', '.');

/** Keeps account of every leaf value that expected.json names of a file: each is compared or excepted, once. */
export class Ledger {
  private readonly states = new Map<string, State | undefined>();
  private readonly mismatched: string[] = [];
  private readonly unnamed = new Map<UnnamedName, number>();

  constructor(private readonly root: unknown) {
    for (const path of leaves(root, [])) this.states.set(keyOf(path), undefined);
  }

  /** Compares a leaf with what a reader gave: numbers to the last bit and the sign of zero. */
  compare(path: Path, got: unknown, wanted: unknown = this.at(path)): void {
    this.check(path, Object.is(got, wanted), got);
  }

  /** The leaf was compared by other means, with this outcome. */
  check(path: Path, isEqual: boolean, got: unknown): void {
    this.set(path, isEqual ? 'compared' : 'mismatched');
    if (!isEqual) this.mismatched.push(`${shown(path)}: expected ${text(this.at(path))}, got ${text(got)}`);
  }

  /** All leaves at and below a place are compared as one. */
  checkAll(path: Path, isEqual: boolean, got: unknown): void {
    for (const leaf of leaves(this.at(path), path)) this.check(leaf, isEqual, got);
  }

  /** Excepts what is still open at and below a place. */
  except(path: Path, reason: ExceptionName): void {
    for (const leaf of leaves(this.at(path), path))
      if (this.states.get(keyOf(leaf)) === undefined) this.set(leaf, reason);
  }

  /** A value that a reader gave and nobody named: an error without a reason. */
  extra(what: string, reason?: UnnamedName): void {
    if (reason) this.unnamed.set(reason, (this.unnamed.get(reason) ?? 0) + 1);
    else this.mismatched.push(`${what}: given by the reader and not named by expected.json`);
  }

  /** Something is wrong with the file as a whole. */
  wrong(what: string): void {
    this.mismatched.push(what);
  }

  tally(): Tally {
    const excepted = new Map<ExceptionName, number>();
    const untouched: string[] = [];
    let compared = 0;
    for (const [key, state] of this.states) {
      if (state === undefined) untouched.push(shown(key));
      else if (state === 'compared') compared++;
      else if (state !== 'mismatched') excepted.set(state, (excepted.get(state) ?? 0) + 1);
    }
    const { mismatched, unnamed } = this;
    return { named: this.states.size, compared, mismatched, excepted, untouched, unnamed };
  }

  private set(path: Path, state: State): void {
    const key = keyOf(path);
    if (!this.states.has(key)) throw new Error(`expected.json names no ${shown(path)}.`);
    const before = this.states.get(key);
    if (before !== undefined) throw new Error(`${shown(path)} was settled twice.`);
    this.states.set(key, state);
  }

  private at(path: Path): unknown {
    return path.reduce<unknown>((value, key) => (value as Record<string | number, unknown>)[key], this.root);
  }
}

/** Every value that is no object and no list; empty ones hold none. */
function* leaves(value: unknown, path: Path): Generator<Path> {
  if (typeof value !== 'object' || value === null) yield path;
  else if (Array.isArray(value)) {
    for (const [index, inner] of value.entries()) yield* leaves(inner, [...path, index]);
  } else {
    for (const [key, inner] of Object.entries(value)) yield* leaves(inner, [...path, key]);
  }
}

function text(value: unknown): string {
  const written = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? 'nothing');
  return written.length > 100 ? `${written.slice(0, 100)}...` : written;
}
