import { stat } from 'node:fs/promises';
import path from 'node:path';
import { throwIfCancelled } from '../common/cancel';
import { allocateBytes, FileSource } from './fileSource';
import { JsonListScanner } from './jsonListScanner';

/** How W&B names the file of a table's state: key, step, hash. Source: `Table.bind_to_run` in W&B's `sdk/data_types`. */
const TABLE_FILE = /^(.+)_(\d{1,12})_[0-9a-f]{8,64}\.table\.json$/;
const CHUNK_BYTES = 1 << 20;

/** A file of a table's rows after some step. */
interface TableState {
  readonly file: string;
  readonly step: number;
  readonly size: number;
}

/**
 * Finds the tables that have outgrown themselves: a table that is logged again with more rows is written as a whole each
 * time (verl's `ValidationGenerationsLogger` does so), and its earlier files hold nothing that the last one does not.
 * Tables of one key that each hold rows of their own all count.
 * @param files W&B's tables of one folder; others are passed over
 * @returns path of each outgrown file to the path of the one that holds its rows
 * @throws ImcotError `cancelled` when the signal says so
 */
export async function outgrownTables(
  files: readonly string[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const outgrown = new Map<string, string>();
  for (const states of (await statesByKey(files)).values()) {
    let [next] = states.slice(-1);
    for (const state of states.slice(0, -1).reverse()) {
      if (next && (await beginsWith(next.file, state, signal)))
        outgrown.set(state.file, outgrown.get(next.file) ?? next.file);
      next = state;
    }
  }
  return outgrown;
}

/** In the order in which they were written. */
async function statesByKey(files: readonly string[]): Promise<ReadonlyMap<string, readonly TableState[]>> {
  const byKey = new Map<string, TableState[]>();
  for (const file of files) {
    const [, key, step] = TABLE_FILE.exec(path.basename(file)) ?? [];
    const size = key === undefined ? undefined : (await stat(file).catch(() => undefined))?.size;
    if (key === undefined || size === undefined) continue;
    byKey.set(key, [...(byKey.get(key) ?? []), { file, step: Number(step), size }]);
  }
  for (const states of byKey.values()) states.sort((a, b) => a.step - b.step || a.size - b.size);
  return byKey;
}

/** Whether a table begins with all rows of another one, byte for byte. Reads no further than it must to say no. */
async function beginsWith(later: string, { file, size }: TableState, signal?: AbortSignal): Promise<boolean> {
  const sources: FileSource[] = [];
  try {
    for (const name of [later, file]) sources.push(await FileSource.open(name));
    const [long, short] = sources as [FileSource, FileSource];
    if ((await long.size()) < size) return false;
    const scanner = new JsonListScanner('data');
    const [ours, theirs] = [allocateBytes(CHUNK_BYTES), allocateBytes(CHUNK_BYTES)];
    let differs = Infinity;
    while (!scanner.isClosed) {
      throwIfCancelled(signal);
      const at = scanner.scanned;
      const got = await short.readInto(ours, at);
      if (got === 0) return false;
      if (differs === Infinity) {
        await long.readInto(theirs, at);
        const place = firstDifference(ours.subarray(0, got), theirs);
        if (place >= 0) differs = at + place;
      }
      scanner.push(ours.subarray(0, got));
      if (Math.max(scanner.openEntry, scanner.ends.at(-1) ?? 0) > differs) return false;
    }
    return true;
  } catch {
    throwIfCancelled(signal);
    // What can't be read is told where it is read as a log.
    return false;
  } finally {
    for (const source of sources) await source.close();
  }
}

function firstDifference(some: Uint8Array, others: Uint8Array): number {
  return some.findIndex((byte, at) => byte !== others[at]);
}
