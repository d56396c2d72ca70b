import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { type Book, Entry } from './trackedJson';

/** Numbers of a reference file, or only their hash where the file itself was left out to save room. */
export interface StoredArray {
  readonly place: string;
  readonly shape: readonly number[];
  /** Of the bytes, hexadecimal. */
  readonly sha256: string;
  /** Absent where only the hash is known. */
  readonly data?: Float32Array | Uint8Array;
}

const TYPES = { float32: Float32Array, uint8: Uint8Array } as const;
const HASHES = 'sha256.json';

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * A folder of reference values. Whatever is in it and was not read, a file or a field of a JSON file, is named by
 * `leftOver`: a value that nobody compares proves nothing.
 *
 * Checkpoint folders (those with a config.json) count as one thing each. A `sha256.json` stands for arrays that are
 * left out beside it: {file: hash}.
 */
export class GoldenFolder {
  private readonly book: Book = [];
  private readonly used = new Set<string>();
  private readonly hashes = new Map<string, string>();
  private readonly files = new Map<string, Entry>();

  constructor(readonly root: string) {
    for (const file of this.allFiles().filter((name) => path.posix.basename(name) === HASHES)) {
      const listed = JSON.parse(readFileSync(this.pathOf(file), 'utf8')) as Record<string, string>;
      for (const [name, hash] of Object.entries(listed)) this.hashes.set(this.beside(file, name), hash);
      this.used.add(file);
    }
  }

  pathOf(name: string): string {
    return path.join(this.root, name);
  }

  /** The name of a file that another one refers to. */
  beside(file: string, name: string): string {
    return path.posix.join(path.posix.dirname(file), name);
  }

  has(name: string): boolean {
    return existsSync(this.pathOf(name));
  }

  /** Names of the checkpoint folders. */
  get checkpoints(): readonly string[] {
    return this.listing('', true)
      .filter((name) => path.posix.basename(name) === 'config.json')
      .map((name) => path.posix.dirname(name));
  }

  /** The path of a checkpoint folder, which counts as used. */
  checkpoint(name: string): string {
    if (!this.checkpoints.includes(name)) throw new Error(`${name} is no checkpoint folder of ${this.root}`);
    this.used.add(name);
    return this.pathOf(name);
  }

  json(name: string): Entry {
    const known = this.files.get(name);
    if (known) return known;
    const value: unknown = JSON.parse(this.bytes(name).toString('utf8'));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new Error(`${name} is not a JSON object`);
    }
    const made = new Entry(value as Record<string, unknown>, name, this.book);
    this.files.set(name, made);
    return made;
  }

  bytes(name: string): Buffer {
    if (!this.has(name)) throw new Error(`${name} is not in ${this.root}`);
    this.used.add(name);
    return readFileSync(this.pathOf(name));
  }

  /**
   * The array that an entry's field describes by `file`, `dtype` and `shape`.
   * @param json the file that the entry stands in
   */
  array(entry: Entry, key: string, json: string): StoredArray {
    return this.described(entry.entry(key), json);
  }

  /** As `array`, for the description itself. */
  described(description: Entry, json: string): StoredArray {
    const name = this.beside(json, description.text('file'));
    const dtype = description.text('dtype');
    const shape = description.numbers('shape');
    if (dtype !== 'float32' && dtype !== 'uint8')
      throw new Error(`${description.place}: ${dtype} is unknown`);
    const listed = this.hashes.get(name);
    this.hashes.delete(name);
    if (!this.has(name) && listed !== undefined) {
      this.used.add(name);
      return { place: name, shape, sha256: listed };
    }
    const bytes = new Uint8Array(this.bytes(name));
    const Type = TYPES[dtype];
    const wanted = shape.reduce((product, side) => product * side, Type.BYTES_PER_ELEMENT);
    if (bytes.length !== wanted) throw new Error(`${name} has ${bytes.length} bytes, not ${wanted}`);
    const hash = sha256(bytes);
    if (listed !== undefined && listed !== hash) throw new Error(`${name} is not what ${HASHES} says`);
    return { place: name, shape, sha256: hash, data: new Type(bytes.buffer) };
  }

  /** Everything that was not read: files, checkpoint folders, fields, hashes. */
  leftOver(): readonly string[] {
    const files = this.allFiles().filter((name) => !this.used.has(name) && !name.endsWith('.md'));
    const folders = this.checkpoints.filter((name) => !this.used.has(name));
    const fields = this.book.flatMap((entry) => entry.unread.map((key) => `${entry.place}.${key}`));
    return [...files, ...folders.map((name) => `${name}/`), ...fields, ...this.hashes.keys()];
  }

  /** Names of all files outside of checkpoint folders. */
  allFiles(): readonly string[] {
    return this.listing('', false);
  }

  /** Whether a file, or the array that a hash stands for, was read. */
  wasUsed(name: string): boolean {
    return this.used.has(name);
  }

  private listing(under: string, withCheckpoints: boolean): readonly string[] {
    const found: string[] = [];
    for (const item of readdirSync(path.join(this.root, under))) {
      const name = path.posix.join(under, item);
      // By way of symbolic links too.
      if (!statSync(this.pathOf(name)).isDirectory()) found.push(name);
      else if (withCheckpoints || !this.has(`${name}/config.json`))
        found.push(...this.listing(name, withCheckpoints));
    }
    return found.sort();
  }
}
