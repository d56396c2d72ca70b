import { errorCode } from '../../common/errors';
import { readLoggedRollouts } from '../../launch/batchLog';
import type { LogPlace } from '../../launch/loadPicture';
import type { RolloutLog } from '../../launch/rolloutLog';
import { createRolloutLog, newLogPlace, resumeRolloutLog } from '../../launch/rolloutLog';

/** A log in use. */
export interface TakenLog {
  readonly log: RolloutLog;
  /** Closes the file when nobody else in this window writes to it. */
  release(): Promise<void>;
}

interface Shared {
  readonly log: Promise<RolloutLog>;
  users: number;
}

const MOST_TRIES = 50;

/** The logs that this window writes: each is open once, however many runs go into it. */
export class RolloutLogs {
  private readonly open = new Map<string, Shared>();

  /** @param writer name and version of the program, for the head of a log */
  constructor(private readonly writer: string) {}

  /**
   * A place for a new log; see `newLogPlace`.
   * @throws ImcotError `denied`
   */
  async create(folder: string, name: string): Promise<TakenLog> {
    for (let attempt = 1; ; attempt++) {
      // Names are by the second.
      const place = await newLogPlace(folder, attempt === 1 ? name : `${name}-${attempt}`);
      if (this.open.has(place.file)) continue;
      try {
        return await this.take(place, () => createRolloutLog(place, this.writer));
      } catch (thrown) {
        if (errorCode(thrown) !== 'usage' || attempt >= MOST_TRIES) throw thrown;
      }
    }
  }

  /** Whether this window writes to a log. */
  has(file: string): boolean {
    return this.open.has(file);
  }

  /**
   * Goes on with a log.
   * @throws ImcotError `missing`, `denied`, `input` when it is no log of this kind
   */
  resume(place: LogPlace): Promise<TakenLog> {
    return this.take(place, async () => {
      const { nextTrajectory, hasHeader } = await readLoggedRollouts(place.file);
      const log = await resumeRolloutLog(place, nextTrajectory);
      if (!hasHeader) await log.recorder.header({ writer: this.writer, created: new Date().toISOString() });
      return log;
    });
  }

  private async take({ file }: LogPlace, open: () => Promise<RolloutLog>): Promise<TakenLog> {
    const known = this.open.get(file);
    const shared = known ?? { log: open(), users: 0 };
    this.open.set(file, shared);
    shared.users++;
    try {
      return { log: await shared.log, release: () => this.release(file, shared) };
    } catch (thrown) {
      if (this.open.get(file) === shared) this.open.delete(file);
      throw thrown;
    }
  }

  private async release(file: string, shared: Shared): Promise<void> {
    if (--shared.users > 0) return;
    this.open.delete(file);
    await (await shared.log).close();
  }
}
