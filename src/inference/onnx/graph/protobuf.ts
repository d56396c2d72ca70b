/** Writes protocol buffer messages: https://protobuf.dev/programming-guides/encoding. */
export class MessageWriter {
  private readonly parts: Uint8Array[] = [];
  private length = 0;

  private raw(bytes: Uint8Array): this {
    this.parts.push(bytes);
    this.length += bytes.length;
    return this;
  }

  private varint(value: bigint): this {
    const bytes: number[] = [];
    let rest = BigInt.asUintN(64, value);
    while (rest > 127n) {
      bytes.push(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    bytes.push(Number(rest));
    return this.raw(Uint8Array.from(bytes));
  }

  private tag(field: number, wireType: number): this {
    return this.varint(BigInt(field * 8 + wireType));
  }

  /** An integer or enum; negative ones take ten bytes. */
  integer(field: number, value: number): this {
    return this.tag(field, 0).varint(BigInt(value));
  }

  float(field: number, value: number): this {
    return this.tag(field, 5).raw(new Uint8Array(Float32Array.of(value).buffer));
  }

  bytes(field: number, value: Uint8Array): this {
    return this.tag(field, 2).varint(BigInt(value.length)).raw(value);
  }

  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  message(field: number, value: MessageWriter): this {
    return this.bytes(field, value.finish());
  }

  /** The whole message. */
  finish(): Uint8Array {
    const out = new Uint8Array(this.length);
    let offset = 0;
    for (const part of this.parts) {
      out.set(part, offset);
      offset += part.length;
    }
    return out;
  }
}
