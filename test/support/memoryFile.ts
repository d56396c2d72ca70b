import { KeptGroups } from '../../src/files/parquet/parquetTable';
import type { OpenFile } from '../../src/files/fileSource';
import type { Indexer } from '../../src/files/indexClient';
import { wholeTail } from '../../src/files/lastLine';
import { indexLines } from '../../src/files/lineIndexer';
import { readRecord } from '../../src/files/readRecord';
import { tableOf } from '../../src/files/tableOf';
import type { RecordResult, TrajectoryReader } from '../../src/readers/reader';

/** Bytes as an open file. */
export function memoryFile(name: string, bytes: Uint8Array): OpenFile {
  const stat = { identity: '1:1', size: bytes.length, modified: '0' };
  return {
    name,
    size: () => Promise.resolve(bytes.length),
    read: (offset, length) => Promise.resolve(bytes.slice(offset, offset + length)),
    readInto: (target, offset) => {
      const piece = bytes.subarray(offset, offset + target.length);
      target.set(piece);
      return Promise.resolve(piece.length);
    },
    stat: () => Promise.resolve(stat),
    statByName: () => Promise.resolve(stat),
    close: () => Promise.resolve(),
  };
}

/** Looks through a file in small pieces: tests read small files thousands of times. */
const INDEXER: Indexer = {
  index: (file, from, onBatch) =>
    indexLines((target, at) => file.readInto(target, at), from, onBatch, { chunkBytes: 1 << 14 }),
  dispose: () => undefined,
  stop: () => Promise.resolve(),
};

/** Every record of a file that a reader is said to be for, through the table of its layout. */
export async function readTable(
  reader: TrajectoryReader,
  bytes: Uint8Array,
  name = 'log',
): Promise<RecordResult[]> {
  const file = memoryFile(name, bytes);
  const table = tableOf(reader, new KeptGroups());
  const { signal } = new AbortController();
  const { openRecord, size } = await table.extend(file, INDEXER, signal, () => undefined);
  const tail = await wholeTail(file, openRecord, size);
  if (tail) table.setTail(tail);
  const results: RecordResult[] = [];
  for (let index = 0; index < table.count; index++)
    results.push(readRecord(reader, await table.lines(file, index), { file: name, index }));
  return results;
}
