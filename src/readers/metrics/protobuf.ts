/*
 * Reading protobuf's wire format: a message is a list of fields, each a number with a kind and a value. Source:
 * https://protobuf.dev/programming-guides/encoding. Hand-written: event files are millions of messages of 50 bytes, on
 * which a general decoder spends most of its time on objects.
 */

/** Kinds of values on the wire. */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** Steps through the fields of one message. `next()` until false; then `field`, `wire` and the value getters speak of it. */
export class Fields {
  field = 0;
  wire: number = WIRE.varint;
  /** Where the value stands, of fields with bytes its content. */
  from = 0;
  to = 0;
  private at: number;
  private value = 0;
  private readonly view: DataView;

  constructor(
    private readonly bytes: Uint8Array,
    from: number,
    private readonly end: number,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = from;
  }

  /** Goes to the next field; false at the end, and where the message makes no sense any more. */
  next(): boolean {
    if (this.at >= this.end) return false;
    const key = this.varint();
    this.field = Math.floor(key / 8);
    this.wire = key % 8;
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
    return new Fields(this.bytes, this.from, this.to);
  }

  /** The content of a bytes field. */
  get content(): Uint8Array {
    return this.bytes.subarray(this.from, this.to);
  }

  /** The last varint in full: a double has no place for 64 bits. */
  private exact(): bigint {
    let value = 0n;
    let scale = 0n;
    for (let at = this.from; at < this.to; at++) {
      value |= BigInt((this.bytes[at] as number) & 127) << scale;
      scale += 7n;
    }
    return BigInt.asUintN(64, value);
  }

  private skip(length: number): boolean {
    this.at += length;
    return this.at <= this.end;
  }

  private varint(): number {
    let value = 0;
    let scale = 1;
    while (this.at < this.end) {
      const byte = this.bytes[this.at++] as number;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
    this.at = this.end + 1;
    return value;
  }
}

/** A list of numbers that stands packed in one field or as a field each. */
export function packedVarints(bytes: Uint8Array): number[] {
  const values: number[] = [];
  let value = 0;
  let scale = 1;
  for (const byte of bytes) {
    value += (byte & 127) * scale;
    scale *= 128;
    if (byte >= 128) continue;
    values.push(value);
    [value, scale] = [0, 1];
  }
  return values;
}
