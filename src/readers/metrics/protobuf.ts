/*
 * Reading protobuf's wire format: a message is a list of fields, each a number with a kind and a value. Source:
 * https://protobuf.dev/programming-guides/encoding. Hand-written: event files are millions of messages of 50 bytes, on
 * which a general decoder spends most of its time on objects.
 */

/** Kinds of values on the wire. */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

const NOTHING = new Uint8Array(0);
const NO_VIEW = new DataView(NOTHING.buffer);

/** Steps through the fields of one message. `next()` until false; then `field`, `wire` and the value getters speak of it. */
export class Fields {
  field = 0;
  wire: number = WIRE.varint;
  /** Where the value stands, of fields with bytes its content. */
  from = 0;
  to = 0;
  private at = 0;
  private end = 0;
  private value = 0;
  private bytes: Uint8Array = NOTHING;
  private view: DataView = NO_VIEW;

  /** The message that is `bytes[from..end)`. */
  static of(bytes: Uint8Array, from: number, end: number): Fields {
    return new Fields().open(bytes, viewOf(bytes), from, end);
  }

  /**
   * Begins with another message: millions of them are read with one object.
   * @param view over the very same bytes: making one costs more than reading a message with it
   */
  open(bytes: Uint8Array, view: DataView, from: number, end: number): this {
    this.bytes = bytes;
    this.view = view;
    this.at = from;
    this.end = end;
    return this;
  }

  /** Goes to the next field; false at the end, and where the message makes no sense any more. */
  next(): boolean {
    if (this.at >= this.end) return false;
    const key = this.varint();
    this.field = key >>> 3;
    this.wire = key & 7;
    switch (this.wire) {
      case WIRE.varint:
        this.from = this.at;
        this.value = this.varint();
        this.to = this.at;
        return this.at <= this.end;
      case WIRE.fixed64:
        this.from = this.at;
        return this.skip(8);
      case WIRE.fixed32:
        this.from = this.at;
        return this.skip(4);
      case WIRE.bytes: {
        const length = this.varint();
        this.from = this.at;
        this.to = this.at + length;
        return this.skip(length);
      }
      default:
        return false;
    }
  }

  /** Of a varint field, as an unsigned number; exact up to 2^53. */
  get unsigned(): number {
    return this.value;
  }

  /** Of a varint field that holds an int64: negative numbers stand there as two's complement. */
  get signed(): number {
    return this.value < 2 ** 53 ? this.value : Number(BigInt.asIntN(64, this.exact()));
  }

  /** Of a varint field with zigzag coding (sint64). */
  get zigzag(): number {
    if (this.value < 2 ** 53) return this.value % 2 === 0 ? this.value / 2 : -(this.value + 1) / 2;
    const bits = this.exact();
    return Number(BigInt.asIntN(64, (bits >> 1n) ^ -(bits & 1n)));
  }

  get double(): number {
    return this.view.getFloat64(this.from, true);
  }

  get float(): number {
    return this.view.getFloat32(this.from, true);
  }

  /** The fields of a message inside. */
  get message(): Fields {
    return this.messageWith(new Fields());
  }

  /** The same, read with an object that nobody needs any more. */
  messageWith(fields: Fields): Fields {
    return fields.open(this.bytes, this.view, this.from, this.to);
  }

  /** The content of a bytes field. */
  get content(): Uint8Array {
    return this.bytes.subarray(this.from, this.to);
  }

  /** The last varint in full: a double has no place for 64 bits. */
  private exact(): bigint {
    return exactVarint(this.bytes, this.from, this.to);
  }

  private skip(length: number): boolean {
    this.at += length;
    return this.at <= this.end;
  }

  private varint(): number {
    if (this.at >= this.end) return this.beyond();
    const first = this.bytes[this.at++] as number;
    // Nearly every key and length fits in one byte.
    if (first < 128) return first;
    let value = first & 127;
    let scale = 128;
    while (this.at < this.end) {
      const byte = this.bytes[this.at++] as number;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
    return this.beyond();
  }

  /** The message ends inside a number: nothing of it can be read. */
  private beyond(): number {
    this.at = this.end + 1;
    return 0;
  }
}

/** The view that reads a message's numbers. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The first number of a list of int32 or int64 that stands packed in one field; undefined where there is none. */
export function firstPacked(bytes: Uint8Array): number | undefined {
  const last = bytes.findIndex((byte) => byte < 128);
  return last < 0 ? undefined : Number(BigInt.asIntN(64, exactVarint(bytes, 0, last + 1)));
}

function exactVarint(bytes: Uint8Array, from: number, to: number): bigint {
  let value = 0n;
  let scale = 0n;
  for (let at = from; at < to; at++) {
    value |= BigInt((bytes[at] as number) & 127) << scale;
    scale += 7n;
  }
  return BigInt.asUintN(64, value);
}
