/** A console line of metrics. */
export interface StepLine {
  readonly step: number;
  /** In the line's order. */
  readonly values: readonly (readonly [string, number])[];
}

/* eslint-disable-next-line no-control-regex -- escape sequences are what is looked for */
const ANSI = /\x1b\[[0-9;:?]*[ -/]*[@-~]/g;
/** Where the metrics begin: after a prefix, a progress bar that ended no line, or at the start. */
const STEP = /(?:^|[\s)\]])step(?::(\d+)| (\d+):) -? ?(?=\S+:)/;
/** Ray's mark for lines that other workers printed alike, with its first explanation. */
const REPEATED = /\s*\[repeated \d+x across cluster\](?: \(.*\))?\s*$/;
/** Python's spellings of numbers: plain, NumPy's since 2.0, PyTorch's. */
const NUMBER =
  /^(?:np\.\w+\(|tensor\()?([+-]?(?:\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|nan|inf|infinity)|True|False)(?:, [^()]*)?\)?$/i;

/**
 * Reads a line that verl's console logger prints: `step:{n} - {key}:{value} - …`, with Ray's prefixes, colours and
 * repeat marks around it, other updates of the same terminal line in front of it, and values as Python prints them.
 * Values that are no numbers are left out, as the logger itself leaves them out.
 * Source: verl `utils/logger/aggregate_logger.py` (`concat_dict_to_str`), old (`{:.3f}`) and new (`pprint.pformat`).
 * @param isCut the line may go on: its last value is not certain and is left out
 * @returns undefined for every other line
 */
export function parseStepLine(line: string, isCut = false): StepLine | undefined {
  const plain = line.includes('\x1b') ? line.replaceAll(ANSI, '') : line;
  // Of a terminal line that was written over and over, metrics may stand in any update.
  for (const update of plain.split('\r').reverse()) {
    const found = parseUpdate(update, isCut);
    if (found) return found;
  }
  return undefined;
}

function parseUpdate(update: string, isCut: boolean): StepLine | undefined {
  const head = STEP.exec(update);
  if (!head) return undefined;
  const rest = update.slice(head.index + head[0].length).replace(REPEATED, '');
  const pieces = rest.split(' - ');
  if (isCut) pieces.pop();
  const values = pieces.flatMap((piece): [string, number][] => {
    const colon = piece.lastIndexOf(':');
    const value = colon < 1 ? undefined : pythonNumber(piece.slice(colon + 1).trim());
    return value === undefined ? [] : [[piece.slice(0, colon).trim(), value]];
  });
  const step = Number(head[1] ?? head[2]);
  return values.length === 0 || !Number.isSafeInteger(step) ? undefined : { step, values };
}

/** A number as Python prints it: `0.5`, `np.float64(nan)`, `np.int32(3)`, `False` (0); undefined for anything else. */
export function pythonNumber(text: string): number | undefined {
  const word = NUMBER.exec(text)?.[1]?.toLowerCase();
  switch (word) {
    case undefined:
      return undefined;
    case 'true':
      return 1;
    case 'false':
      return 0;
    case 'nan':
    case '+nan':
    case '-nan':
      return NaN;
    default:
      return Number(word.replace(/inf(?:inity)?$/, 'Infinity'));
  }
}
