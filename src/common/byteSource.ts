/**
 * A file as random access by byte. Implementations read the file as it is now: it may grow, shrink or be replaced
 * between two calls, and a short or empty result means that fewer bytes were there.
 */
export interface ByteSource {
  /** What to call it in messages: a path, usually. */
  readonly name: string;
  /** Its length in bytes at this moment. */
  size(): Promise<number>;
  /** Up to `length` bytes from `offset`; shorter only at the end of the file. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** A `ByteSource` over bytes in memory. */
export function memorySource(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    size: () => Promise.resolve(bytes.length),
    read: (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)),
  };
}
