import { readFile } from 'node:fs/promises';
import { serialsIn } from './scriptedCall';

/** What a log says about one trajectory; read here line by line, without the code that is checked. */
export interface LoggedRollout {
  readonly id: string;
  readonly group: string;
  readonly text: string;
  /** Serials of the scripted calls in its text. */
  readonly calls: readonly number[];
  /** Pictures that came back. */
  readonly crops: number;
  /** As `outcome` says, or `error` or `cancelled`; absent while it runs and after a crash. */
  readonly end?: string;
  readonly reason?: string;
}

/** What a log says. */
export interface LoggedBatch {
  readonly rollouts: readonly LoggedRollout[];
  /** Lines that are no JSON. */
  readonly torn: readonly string[];
  readonly lines: number;
}

interface Line {
  readonly t?: number;
  readonly event?: string;
  readonly id?: string;
  readonly group?: { readonly key?: string };
  readonly text?: string;
  readonly images?: readonly unknown[];
  readonly status?: string;
  readonly reason?: string;
  readonly message?: string;
}

/** Reads the log of a batch. */
export async function readBatch(file: string): Promise<LoggedBatch> {
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
  const rollouts = new Map<number, Omit<LoggedRollout, 'calls'>>();
  const torn: string[] = [];
  for (const line of lines) {
    const read = parsed(line);
    if (!read) torn.push(line);
    else if (read.t !== undefined) rollouts.set(read.t, withLine(rollouts.get(read.t) ?? EMPTY, read));
  }
  return {
    rollouts: [...rollouts.values()].map((rollout) => ({ ...rollout, calls: serialsIn(rollout.text) })),
    torn,
    lines: lines.length,
  };
}

const EMPTY: Omit<LoggedRollout, 'calls'> = { id: '', group: '', text: '', crops: 0 };

function withLine(rollout: Omit<LoggedRollout, 'calls'>, line: Line): Omit<LoggedRollout, 'calls'> {
  switch (line.event) {
    case 'start':
      return { ...rollout, id: line.id ?? '', group: line.group?.key ?? '' };
    case 'text':
      return { ...rollout, text: rollout.text + (line.text ?? '') };
    case 'observation':
      return { ...rollout, crops: rollout.crops + (line.images?.length ?? 0) };
    case 'outcome':
      return {
        ...rollout,
        end: line.status ?? '',
        ...(line.reason !== undefined && { reason: line.reason }),
      };
    case 'error':
    case 'cancelled':
      return { ...rollout, end: line.event, reason: line.reason ?? line.message ?? '' };
    default:
      return rollout;
  }
}

function parsed(line: string): Line | undefined {
  try {
    return JSON.parse(line) as Line;
  } catch {
    return undefined;
  }
}
