/** Rows that are moved before a pause is possible. */
const PAUSE = 1 << 14;
/** Runs of this length are sorted by insertion first. */
const RUN = 16;

/**
 * Sorts rows by a key, stable: rows of equal keys keep their order.
 * @param rows what to sort, in the order that equal keys keep; left as it is
 * @param keys by row; rows with NaN come last, whichever way
 * @returns the rows in their new order, as the generator's result
 */
export function* sortRows(
  rows: Uint32Array,
  keys: Float64Array,
  descending: boolean,
): Generator<void, Uint32Array, void> {
  const [known, unknown] = parted(rows, keys);
  yield;
  const count = known.length;
  const factor = descending ? -1 : 1;
  // Keys beside the rows: looking them up by row in each comparison misses the cache.
  let fromKeys = Float64Array.from(known, (row) => factor * (keys[row] as number));
  yield;
  let from = known;
  let to: Uint32Array<ArrayBuffer> = new Uint32Array(count);
  let toKeys = new Float64Array(count);
  for (let start = 0; start < count; start += RUN) {
    insertionSort(from, fromKeys, start, Math.min(count, start + RUN));
    if (start % PAUSE === 0) yield;
  }
  for (let width = RUN; width < count; width *= 2) {
    yield* mergePass(from, fromKeys, to, toKeys, width);
    [from, to] = [to, from];
    [fromKeys, toKeys] = [toKeys, fromKeys];
  }
  const sorted = new Uint32Array(rows.length);
  sorted.set(from);
  sorted.set(unknown, count);
  return sorted;
}

function parted(rows: Uint32Array, keys: Float64Array): [Uint32Array<ArrayBuffer>, Uint32Array<ArrayBuffer>] {
  const known = new Uint32Array(rows.length);
  const unknown = new Uint32Array(rows.length);
  let [k, u] = [0, 0];
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at] as number;
    if (Number.isNaN(keys[row])) unknown[u++] = row;
    else known[k++] = row;
  }
  return [known.slice(0, k), unknown.slice(0, u)];
}

function insertionSort(rows: Uint32Array, keys: Float64Array, start: number, end: number): void {
  for (let at = start + 1; at < end; at++) {
    const row = rows[at] as number;
    const key = keys[at] as number;
    let place = at;
    while (place > start && (keys[place - 1] as number) > key) {
      rows[place] = rows[place - 1] as number;
      keys[place] = keys[place - 1] as number;
      place--;
    }
    rows[place] = row;
    keys[place] = key;
  }
}

function* mergePass(
  from: Uint32Array,
  fromKeys: Float64Array,
  to: Uint32Array,
  toKeys: Float64Array,
  width: number,
): Generator<void, void, void> {
  const count = from.length;
  let sincePause = 0;
  for (let start = 0; start < count; start += 2 * width) {
    const middle = Math.min(count, start + width);
    const end = Math.min(count, start + 2 * width);
    let [left, right] = [start, middle];
    for (let at = start; at < end; at++) {
      const isLeft =
        left < middle && (right >= end || (fromKeys[left] as number) <= (fromKeys[right] as number));
      const taken = isLeft ? left++ : right++;
      to[at] = from[taken] as number;
      toKeys[at] = fromKeys[taken] as number;
      if (++sincePause === PAUSE) {
        sincePause = 0;
        yield;
      }
    }
  }
}
