import type { AsyncBuffer } from 'hyparquet';
import type { ByteSource } from '../../common/byteSource';

/**
 * A file as the Parquet library reads it.
 * @param size its length when the footer was read: places count from there
 */
export function asyncBufferOf(file: ByteSource, size: number): AsyncBuffer {
  return {
    byteLength: size,
    async slice(start, end = size) {
      const bytes = await file.read(start, Math.max(0, end - start));
      const { buffer, byteOffset, byteLength } = bytes;
      // The library wants the bytes alone in their memory.
      if (buffer instanceof ArrayBuffer && byteOffset === 0 && byteLength === buffer.byteLength)
        return buffer;
      return Uint8Array.from(bytes).buffer;
    },
  };
}
