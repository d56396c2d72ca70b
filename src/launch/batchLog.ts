import { throwIfCancelled } from '../common/cancel';
import { ImcotError } from '../common/errors';
import { decodeUtf8, parseJson } from '../common/json';
import { FileSource } from '../files/fileSource';
import type { LineRead } from '../files/lineWindow';
import { lineRecords } from '../files/streamRecords';
import type { JsonRecord } from '../readers/fields';
import { asRecord, asText, field } from '../readers/fields';
import { eventKey, headerProblem } from '../readers/trajectories/imcotEvents';
import type { OutcomeStatus } from '../trajectory/trajectory';

/** A rollout by its place in the log and its name. */
export interface LoggedRollout {
  /** Its number in the file. */
  readonly trajectory: number;
  readonly id: string;
}

/** What a log has of earlier rollouts. */
export interface LoggedRollouts {
  /** Above every trajectory's number. */
  readonly nextTrajectory: number;
  /** How each rollout ended, by its id. Of several with one id: one that came to an end of its own, else the last. */
  readonly ended: ReadonlyMap<string, OutcomeStatus>;
  /** Whether the answer was right, by id, where it was judged. */
  readonly verdicts: ReadonlyMap<string, boolean>;
  /** Begun and never ended, as after a crash; only those that have an id. */
  readonly interrupted: readonly LoggedRollout[];
  /** Ended by themselves, and nobody had come to score them. */
  readonly unscored: readonly LoggedRollout[];
  /** False for a log that was cut off before its first line was written. */
  readonly hasHeader: boolean;
  /** Lines that could not be read. The text that models said is not looked into. */
  readonly damaged: number;
}

/** Lines of these, nearly all of a log, say nothing that is wanted here; as this project writes them. */
const PASSED_OVER = /^\{"t":\d+,"event":"(?:text|toolCall|observation|parts|tokens|settings)"/;
const PREFIX_BYTES = 48;
const HEADER_START = '{"imcot":';
const CLOSING_BRACE = 125;
const ENDINGS: readonly OutcomeStatus[] = ['finished', 'length', 'turnLimit'];
/** Not what the model did: a rollout that ended like this may be played again. */
const BROKEN_OFF: readonly OutcomeStatus[] = ['cancelled', 'error'];

/** Whether a rollout came to an end of its own, right or wrong. */
export function endedByItself(status: OutcomeStatus | undefined): boolean {
  return status !== undefined && ENDINGS.includes(status);
}

/**
 * Reads what a log has, in one pass and in memory that grows with its rollouts alone.
 * @throws ImcotError `missing`, `denied`, `cancelled`; `input` when it is no event log or one of a later version
 */
export async function readLoggedRollouts(file: string, signal?: AbortSignal): Promise<LoggedRollouts> {
  const source = await FileSource.open(file);
  const fold = new LogFold(file);
  try {
    for await (const [line] of lineRecords(source, { onIncompleteTail: () => fold.damaged++ })) {
      throwIfCancelled(signal);
      if (line) fold.take(line);
    }
  } finally {
    await source.close();
  }
  return fold.result();
}

class LogFold {
  damaged = 0;
  private nextTrajectory = 0;
  private isFirst = true;
  private hasHeader = false;
  private readonly ended = new Map<string, OutcomeStatus>();
  private readonly verdicts = new Map<string, boolean>();
  /** Names of the trajectories by their numbers; a header begins a new numbering. */
  private ids = new Map<number, string>();
  private open = new Map<number, string>();
  private unscored = new Map<number, string>();

  constructor(private readonly file: string) {}

  take(line: LineRead): void {
    if (!('bytes' in line)) return this.damage();
    const { bytes } = line;
    const key = eventKey(bytes);
    if (key === 'header') return this.header(bytes);
    if (this.isFirst && !isTornHeader(bytes)) this.refuse(headerProblem(undefined));
    if (key === undefined) return this.damage();
    this.nextTrajectory = Math.max(this.nextTrajectory, key + 1);
    const prefix = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(PREFIX_BYTES, bytes.length));
    // What was cut off and then closed by a line end does not end like an event.
    const isWhole = bytes.at(-1) === CLOSING_BRACE;
    if (isWhole && PASSED_OVER.test(prefix.toString('latin1'))) return;
    const read = parseJson(decodeUtf8(bytes));
    const event = read.ok ? asRecord(read.value) : undefined;
    if (event) this.event(key, event);
    else this.damage();
  }

  result(): LoggedRollouts {
    const { nextTrajectory, ended, verdicts, hasHeader, damaged } = this;
    const [interrupted, unscored] = [listed(this.open), listed(this.unscored)];
    return { nextTrajectory, ended, verdicts, interrupted, unscored, hasHeader, damaged };
  }

  private header(bytes: Uint8Array): void {
    const read = parseJson(decodeUtf8(bytes));
    if (read.ok) {
      this.refuse(headerProblem(read.value));
      this.hasHeader = true;
    } else this.damage();
    this.isFirst = false;
    // What was open before it can't be named any more.
    this.open = new Map();
    this.ids = new Map();
    this.unscored = new Map();
  }

  private refuse(problem: string | undefined): void {
    if (problem !== undefined) throw new ImcotError('input', `${this.file}: ${problem}`);
  }

  private damage(): void {
    this.damaged++;
  }

  private event(trajectory: number, event: JsonRecord): void {
    if (field(event, 'event') === 'start') return this.begin(trajectory, asText(field(event, 'id')));
    const id = this.ids.get(trajectory);
    if (id === undefined) return;
    switch (field(event, 'event')) {
      case 'outcome':
        return this.end(
          trajectory,
          id,
          ENDINGS.find((status) => status === field(event, 'status')),
        );
      case 'error':
        return this.end(trajectory, id, 'error');
      case 'cancelled':
        return this.end(trajectory, id, 'cancelled');
      case 'reward':
        this.unscored.delete(trajectory);
        return;
      case 'verdict': {
        this.unscored.delete(trajectory);
        const correct = field(event, 'correct');
        if (typeof correct === 'boolean') this.verdicts.set(id, correct);
        return;
      }
      default:
    }
  }

  private begin(trajectory: number, id: string | undefined): void {
    if (id === undefined || this.ids.has(trajectory)) return;
    this.ids.set(trajectory, id);
    this.open.set(trajectory, id);
  }

  private end(trajectory: number, id: string, status: OutcomeStatus | undefined): void {
    if (status === undefined) return this.damage();
    this.open.delete(trajectory);
    if (BROKEN_OFF.includes(status) && endedByItself(this.ended.get(id))) return;
    this.ended.set(id, status);
    if (endedByItself(status)) this.unscored.set(trajectory, id);
  }
}

/** A crash can leave the first bytes of the head alone, which the next writer closes with a line end. */
function isTornHeader(line: Uint8Array): boolean {
  return line.length < HEADER_START.length && HEADER_START.startsWith(decodeUtf8(line));
}

function listed(byNumber: ReadonlyMap<number, string>): readonly LoggedRollout[] {
  return [...byNumber].map(([trajectory, id]) => ({ trajectory, id }));
}
