/** What the columns of a table of metrics are. */
export interface CsvColumns {
  /** Position of the step's column; -1 where there is none. */
  readonly step: number;
  /** Position of the column with seconds since 1970; -1 where there is none. */
  readonly time: number;
  readonly values: readonly CsvValueColumn[];
}

/** A column of numbers. */
export interface CsvValueColumn {
  readonly index: number;
  readonly key: string;
  /** The run whose numbers these are; absent where the table is of one run. */
  readonly run?: string;
}

/** Names of the step, the surest first; compared in small letters, whole or behind the last slash. */
const STEP_NAMES = ['step', 'global_step', '_step', 'global step', 'iteration', 'iter', 'epoch'];
const TIME_NAMES = ['_timestamp', 'timestamp', 'wall_time', 'wall time', 'time'];
/** What pandas calls an index that has no name, also after a second writing. */
const UNNAMED = /^(|unnamed: \d+|index)$/i;
/** What W&B writes between a run and its key. */
const OF_RUN = ' - ';
const TWIN = /__(MIN|MAX)$/;

/** Position of the column that has the first of the names that any has. */
function find(columns: readonly string[], names: readonly string[]): number {
  const small = columns.map((column) => column.toLowerCase());
  const last = small.map((column) => column.slice(column.lastIndexOf('/') + 1));
  for (const name of names) {
    const whole = small.indexOf(name);
    const found = whole >= 0 ? whole : last.indexOf(name);
    if (found >= 0) return found;
  }
  return -1;
}

/**
 * Whether a table is W&B's export of a chart: one column for the x axis, and three for every run ("run - key", and the
 * least and greatest value of what was drawn as one point).
 */
function isWandbExport(columns: readonly string[]): boolean {
  return columns.some((column) => column.includes(OF_RUN) && columns.includes(`${column}__MAX`));
}

/** Tells from the first row what the columns of a table are. */
export function readCsvColumns(columns: readonly string[]): CsvColumns {
  const ofRuns = isWandbExport(columns);
  const plain = ofRuns ? columns.map((column) => (column.includes(OF_RUN) ? ' ' : column)) : columns;
  const time = find(plain, TIME_NAMES);
  let step = find(plain, STEP_NAMES);
  if (step < 0 && ofRuns)
    // The x axis may have been any key.
    step = plain.findIndex((column, index) => column !== ' ' && !UNNAMED.test(column) && index !== time);
  const index = columns.findIndex((column) => UNNAMED.test(column));
  if (step < 0) step = index;
  const values = columns.flatMap((column, at) =>
    at === step || at === time || at === index ? [] : [valueColumn(column, at, ofRuns)],
  );
  return { step, time, values };
}

function valueColumn(column: string, index: number, ofRuns: boolean): CsvValueColumn {
  // A run's name is free text, a key rarely holds blanks.
  const place = ofRuns ? column.lastIndexOf(OF_RUN) : -1;
  if (place < 0) return { index, key: column };
  return { index, run: column.slice(0, place), key: column.slice(place + OF_RUN.length) };
}

/** Whether a key of W&B's export is the least or greatest value beside another key, and no curve of its own. */
export function isTwinKey(key: string): boolean {
  return TWIN.test(key);
}
