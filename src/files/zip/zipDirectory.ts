import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { fromRandomAccessReaderPromise, RandomAccessReader, type Entry, type ZipFile } from 'yauzl';
import type { ByteSource } from '../../common/byteSource';
import { errorMessage, ImcotError } from '../../common/errors';
import type { ZipMember } from './zipMembers';

/** Bytes read at once: entries of a directory are small and stand one after another. */
const WINDOW_BYTES = 1 << 18;
/** Entries after which others get their turn. */
const BATCH = 4096;

/** The file as the library reads it: small pieces from a window, and an error of the file system kept apart from damage. */
class WindowReader extends RandomAccessReader {
  failure: Error | undefined;
  private start = 0;
  private bytes: Uint8Array = new Uint8Array(0);

  constructor(private readonly file: ByteSource) {
    super();
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    const from = position - this.start;
    if (from >= 0 && from + length <= this.bytes.length) {
      buffer.set(this.bytes.subarray(from, from + length), offset);
      callback(null);
      return;
    }
    this.file.read(position, Math.max(length, WINDOW_BYTES)).then(
      (bytes) => {
        [this.start, this.bytes] = [position, bytes];
        const isShort = bytes.length < length;
        if (!isShort) buffer.set(bytes.subarray(0, length), offset);
        callback(isShort ? new Error('the file ends before its directory does') : null);
      },
      (thrown: unknown) => {
        this.failure = thrown instanceof Error ? thrown : new Error(errorMessage(thrown));
        callback(new Error('the file can not be read'));
      },
    );
  }

  override _readStreamForRange(): Readable {
    return Readable.from([]);
  }

  override close(callback: (error: Error | null) => void): void {
    callback(null);
  }
}

/**
 * Reads the directory at the end of a ZIP archive, entry by entry.
 * @returns false when there is none or it is damaged; entries may have been handed over before that shows
 * @throws ImcotError when the file can't be read; `cancelled` when the signal says so
 */
export async function readZipDirectory(
  file: ByteSource,
  size: number,
  onMember: (member: ZipMember) => void,
  signal?: AbortSignal,
): Promise<boolean> {
  const reader = new WindowReader(file);
  try {
    const zip = await fromRandomAccessReaderPromise(reader, size, {
      autoClose: false,
      decodeStrings: false,
      validateEntrySizes: false,
    });
    await eachMember(zip, size, onMember, signal);
    return true;
  } catch (thrown) {
    if (reader.failure) throw reader.failure;
    if (thrown instanceof ImcotError) throw thrown;
    return false;
  }
}

async function eachMember(
  zip: ZipFile,
  size: number,
  onMember: (member: ZipMember) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const decoder = new TextDecoder();
  for (let read = 0; ; read++) {
    if (signal?.aborted) throw new ImcotError('cancelled', 'Reading was stopped.');
    const entry = await nextEntry(zip);
    if (!entry) return;
    const { relativeOffsetOfLocalHeader: header, compressedSize: packed } = entry;
    if (header + packed > size) throw new Error('the directory names places that the file does not have');
    onMember({
      // With `decodeStrings: false` the name is bytes; Python's zipfile writes UTF-8 or ASCII.
      name: decoder.decode(entry.fileNameRaw as Uint8Array),
      header,
      packed,
      unpacked: entry.uncompressedSize,
      method: entry.compressionMethod,
      crc: entry.crc32,
      encrypted: entry.isEncrypted(),
    });
    if (read % BATCH === BATCH - 1) await setImmediate();
  }
}

function nextEntry(zip: ZipFile): Promise<Entry | undefined> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      zip.removeListener('entry', onEntry);
      zip.removeListener('end', onEnd);
      zip.removeListener('error', onError);
    };
    const onEntry = (entry: Entry): void => {
      settle();
      resolve(entry);
    };
    const onEnd = (): void => {
      settle();
      resolve(undefined);
    };
    const onError = (error: Error): void => {
      settle();
      reject(error);
    };
    zip.on('entry', onEntry);
    zip.on('end', onEnd);
    zip.on('error', onError);
    zip.readEntry();
  });
}
