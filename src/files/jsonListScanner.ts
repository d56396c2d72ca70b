/** A half-open range of bytes. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A field of the object beside the list. */
export interface FieldSpan extends Span {
  readonly name: string;
}

const [QUOTE, BACKSLASH, COMMA, COLON] = [34, 92, 44, 58];
const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [123, 125, 91, 93];
/** Longer names are no field that anybody asks for. */
const NAME_BYTES = 256;
const MAX_FIELDS = 1000;

/**
 * Finds, in the bytes of one JSON object, where the entries of one of its lists stand, and where its other fields do:
 * without parsing, so that a file of any size can be looked through. Ranges may hold blanks around the value. What is no
 * JSON gives some ranges or none.
 */
export class JsonListScanner {
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  readonly fields: FieldSpan[] = [];
  /** Start of an entry that has not ended; -1 outside of one. */
  openEntry = -1;
  /** True once the object has ended. */
  isClosed = false;
  private offset = 0;
  private depth = 0;
  private inString = false;
  private isEscaped = false;
  private expectsName = false;
  private nameBytes: number[] | undefined;
  private name = '';
  private valueStart = -1;
  private inList = false;

  constructor(private readonly listName: string) {}

  /** Offset up to which was looked. */
  get scanned(): number {
    return this.offset;
  }

  /** The next bytes of the file. */
  push(chunk: Uint8Array): void {
    for (let i = 0; i < chunk.length && !this.isClosed; i++) {
      const byte = chunk[i] as number;
      if (this.inString) this.inText(byte);
      else if (byte > 32) this.outside(byte, this.offset + i);
    }
    this.offset += chunk.length;
  }

  private inText(byte: number): void {
    if (this.isEscaped) this.isEscaped = false;
    else if (byte === BACKSLASH) this.isEscaped = true;
    else if (byte === QUOTE) {
      this.inString = false;
      if (!this.nameBytes) return;
      this.name = new TextDecoder().decode(Uint8Array.from(this.nameBytes));
      this.nameBytes = undefined;
      return;
    }
    if (this.nameBytes && this.nameBytes.length < NAME_BYTES) this.nameBytes.push(byte);
  }

  private outside(byte: number, at: number): void {
    if (byte === COLON && this.depth === 1) this.expectsName = false;
    else if (byte === COMMA) this.separate(at);
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) this.close(at);
    else {
      this.begin(at);
      if (byte === QUOTE) {
        this.inString = true;
        if (this.depth === 1 && this.expectsName) this.nameBytes = [];
      } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) this.open(byte);
    }
  }

  /** The first byte of a value, if none is going on. */
  private begin(at: number): void {
    if (this.depth === 1 && !this.expectsName && this.valueStart < 0) this.valueStart = at;
    else if (this.depth === 2 && this.inList && this.openEntry < 0) this.openEntry = at;
  }

  private open(byte: number): void {
    this.depth++;
    if (this.depth === 1) this.expectsName = true;
    else if (this.depth === 2) this.inList = byte === OPEN_BRACKET && this.name === this.listName;
  }

  private separate(at: number): void {
    if (this.depth === 2) this.endEntry(at);
    else if (this.depth === 1) {
      this.endField(at);
      this.expectsName = true;
    }
  }

  private close(at: number): void {
    if (this.depth === 2) {
      this.endEntry(at);
      // The list itself is not one of the other fields.
      if (this.inList) this.valueStart = -1;
      this.inList = false;
    } else if (this.depth === 1) {
      this.endField(at);
      this.isClosed = true;
    }
    this.depth = Math.max(0, this.depth - 1);
  }

  private endEntry(at: number): void {
    if (this.openEntry < 0) return;
    this.starts.push(this.openEntry);
    this.ends.push(at);
    this.openEntry = -1;
  }

  private endField(at: number): void {
    if (this.valueStart >= 0 && this.fields.length < MAX_FIELDS)
      this.fields.push({ name: this.name, start: this.valueStart, end: at });
    this.valueStart = -1;
  }
}
