import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** A line of an event log, as JSON has it. */
export interface LogLine {
  readonly t?: number;
  readonly event?: string;
  readonly id?: string;
  readonly turn?: number;
  readonly text?: string;
  readonly status?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly images?: readonly {
    readonly kind: string;
    readonly path?: string;
    readonly hash?: string;
    readonly data?: string;
  }[];
}

/** What is in a log; read here line by line, without the code that is tortured. */
export interface PlainLog {
  /** The finished lines as they are. */
  readonly lines: readonly string[];
  /** Those of them that are JSON. */
  readonly events: readonly LogLine[];
  /** Finished lines that are no JSON. */
  readonly damaged: readonly string[];
  /** What stands behind the last line end: a line that was cut off. */
  readonly tail: string;
}

/** Reads a log; one that is not there is empty. */
export async function readPlainLog(file: string): Promise<PlainLog> {
  const text = await readFile(file, 'utf8').catch((thrown: unknown) => {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw thrown;
  });
  const lines = text.split('\n');
  const tail = lines.pop() ?? '';
  const events: LogLine[] = [];
  const damaged: string[] = [];
  for (const line of lines) {
    try {
      events.push(JSON.parse(line) as LogLine);
    } catch {
      damaged.push(line);
    }
  }
  return { lines, events, damaged, tail };
}

/** The texts of one trajectory in their order. */
export function textsOf(events: readonly LogLine[], trajectory: number): readonly string[] {
  return events.filter(({ t, event }) => t === trajectory && event === 'text').map(({ text = '' }) => text);
}

/** The event that ended a trajectory, where one did. */
export function endOf(events: readonly LogLine[], trajectory: number): LogLine | undefined {
  return events.find(
    ({ t, event = '' }) => t === trajectory && ['outcome', 'error', 'cancelled'].includes(event),
  );
}

/** Numbers of the trajectories by their ids; an id that was played again has several. */
export function numbersById(events: readonly LogLine[]): ReadonlyMap<string, readonly number[]> {
  const numbers = new Map<string, number[]>();
  for (const { t, event, id = '' } of events) {
    if (event !== 'start' || t === undefined) continue;
    numbers.set(id, [...(numbers.get(id) ?? []), t]);
  }
  return numbers;
}

/** Sentences on pictures of observations that are not there, or not what their hash says. */
export async function pictureProblems(file: string, events: readonly LogLine[]): Promise<readonly string[]> {
  const problems: string[] = [];
  const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
  const images = events.filter(({ event }) => event === 'observation').flatMap((each) => each.images ?? []);
  for (const image of images) {
    if (image.kind === 'inline' && image.data !== undefined) {
      if (sha256(new Uint8Array(Buffer.from(image.data, 'base64'))) !== image.hash)
        problems.push('an inline picture is damaged');
    } else if (image.kind === 'file') {
      const place = path.join(path.dirname(file), image.path ?? '');
      const bytes = await readFile(place).catch(() => undefined);
      if (!bytes || !path.basename(place).includes(sha256(new Uint8Array(bytes))))
        problems.push(`the picture ${image.path ?? ''} is ${bytes ? 'damaged' : 'not there'}`);
    }
  }
  return problems;
}
