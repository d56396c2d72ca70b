/** Bytes that are nobody else's: `slice` of a Node `Buffer` copies nothing, and readers are handed such. */
export function copyBytes(bytes: Uint8Array, from = 0, to = bytes.length): Uint8Array {
  return new Uint8Array(bytes.subarray(from, to));
}
