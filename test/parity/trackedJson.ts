/** Every object that was handed out, so that what nobody looked at can be named in the end. */
export type Book = Entry[];

/**
 * An object of a reference file that remembers which of its fields were read. Fields called `note` are for people.
 * Reading something that is not there, or is of another kind, throws a sentence that names the place.
 */
export class Entry {
  private readonly seen = new Set<string>(['note']);
  private readonly children = new Map<string, Entry>();

  constructor(
    private readonly fields: Readonly<Record<string, unknown>>,
    /** For messages: the file and the path in it. */
    readonly place: string,
    private readonly book: Book,
  ) {
    book.push(this);
  }

  has(key: string): boolean {
    return this.fields[key] !== undefined;
  }

  /** Names of all fields, none of them taken as read. */
  get keys(): readonly string[] {
    return Object.keys(this.fields);
  }

  /** Fields that nobody has read. */
  get unread(): readonly string[] {
    return this.keys.filter((key) => !this.seen.has(key));
  }

  /** Fields that hold a figure about the reference itself, not a value to reach. */
  ignore(...keys: readonly string[]): void {
    for (const key of keys) this.seen.add(key);
  }

  private at(key: string): string {
    return `${this.place}.${key}`;
  }

  value(key: string): unknown {
    if (!this.has(key)) throw new Error(`${this.at(key)} is not there`);
    this.seen.add(key);
    return this.fields[key];
  }

  number(key: string): number {
    return asNumber(this.value(key), this.at(key));
  }

  text(key: string): string {
    const value = this.value(key);
    if (typeof value !== 'string') throw new Error(`${this.at(key)} is not a text`);
    return value;
  }

  numbers(key: string): number[] {
    return asList(this.value(key), this.at(key)).map((item) => asNumber(item, this.at(key)));
  }

  /** A list of lists of numbers. */
  rows(key: string): number[][] {
    return asList(this.value(key), this.at(key)).map((row) =>
      asList(row, this.at(key)).map((item) => asNumber(item, this.at(key))),
    );
  }

  list(key: string): readonly unknown[] {
    return asList(this.value(key), this.at(key));
  }

  entry(key: string): Entry {
    return this.child(this.value(key), this.at(key));
  }

  entries(key: string): Entry[] {
    return asList(this.value(key), this.at(key)).map((item, index) =>
      this.child(item, `${this.at(key)}[${index}]`),
    );
  }

  /** The same one each time, so that what was read of it adds up. */
  private child(value: unknown, place: string): Entry {
    const known = this.children.get(place);
    if (known) return known;
    const made = new Entry(asObject(value, place), place, this.book);
    this.children.set(place, made);
    return made;
  }
}

function asNumber(value: unknown, place: string): number {
  if (typeof value !== 'number') throw new Error(`${place} is not a number`);
  return value;
}

function asList(value: unknown, place: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error(`${place} is not a list`);
  return value;
}

function asObject(value: unknown, place: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error(`${place} is not an object`);
  }
  return value as Readonly<Record<string, unknown>>;
}
