/** What a field of a test's message holds; bytes are a text, a message inside or a packed list. */
export type WireValue =
  | { readonly varint: number | bigint }
  | { readonly double: number }
  | { readonly float: number }
  | { readonly bytes: Uint8Array | string };

/** Bytes of an unsigned number of variable length; negative ones as two's complement of 64 bits, as protobuf has them. */
export function varintBytes(value: number | bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest >= 128n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

/** Bytes of one field of a protobuf message. */
export function fieldBytes(field: number, value: WireValue): Uint8Array {
  if ('varint' in value) return joinBytes(varintBytes(field * 8), varintBytes(value.varint));
  if ('double' in value) {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, value.double, true);
    return joinBytes(varintBytes(field * 8 + 1), bytes);
  }
  if ('float' in value) {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value.float, true);
    return joinBytes(varintBytes(field * 8 + 5), bytes);
  }
  const content = typeof value.bytes === 'string' ? new TextEncoder().encode(value.bytes) : value.bytes;
  return joinBytes(varintBytes(field * 8 + 2), varintBytes(content.length), content);
}

/** A message: its fields one after another. */
export function messageBytes(...fields: readonly (readonly [number, WireValue])[]): Uint8Array {
  return joinBytes(...fields.map(([field, value]) => fieldBytes(field, value)));
}

/** Pieces put together. */
export function joinBytes(...pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
