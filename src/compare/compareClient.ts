import { Emitter, type Event } from '../common/event';
import { ApiThread } from '../files/apiThread';
import type { Side } from '../protocol/compareView';
import type { CompareApi, CompareEvents } from './compareApi';

/** How far the logs have been read. */
export interface CompareReading {
  readonly side: Side;
  readonly records: number;
  /** Share of both logs, 0 to 1. */
  readonly done: number;
}

/** Megabytes of texts that the thread may hold; numbers count apart. */
const TEXT_MEGABYTES = 4096;

/** The thread that compares two logs. */
export class CompareClient extends ApiThread<CompareApi> {
  /** Reading goes on. */
  readonly onReading: Event<CompareReading>;

  /**
   * @param workerPath the built `compareWorker.js`
   * @throws ImcotError where that program is missing
   */
  constructor(workerPath: string) {
    const readings = new Emitter<CompareReading>();
    const local: CompareEvents = {
      reading: async (side, records, done) => readings.fire({ side, records, done }),
    };
    super({
      workerPath,
      does: 'compares logs',
      local,
      textMegabytes: TEXT_MEGABYTES,
      closed: 'The comparison was closed.',
      crashed: (reason) =>
        `Comparing the logs failed: its thread crashed (${reason}). Read them again to start anew.`,
    });
    this.onReading = this.own(readings).event;
  }
}
