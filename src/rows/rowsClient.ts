import { Emitter, type Event } from '../common/event';
import type { Logger } from '../common/logger';
import { ApiThread } from '../files/apiThread';
import type { RowsApi, RowsEvents } from './rowsApi';

/** Megabytes of texts that a thread may hold; numbers count apart. */
const TEXT_MEGABYTES = 4096;

/** How far a log has been read. */
export interface RowsReading {
  readonly records: number;
  /** Share of the log, 0 to 1. */
  readonly done: number;
}

/** The thread that holds the table of one log. */
export class RowsClient extends ApiThread<RowsApi> {
  /** Reading goes on. */
  readonly onReading: Event<RowsReading>;

  /**
   * @param workerPath the built `rowsWorker.js`
   * @throws ImcotError where that program is missing
   */
  constructor(workerPath: string, logger: Logger) {
    const readings = new Emitter<RowsReading>();
    const local: RowsEvents = {
      reading: async (records, done) => readings.fire({ records, done }),
      log: async (level, message) => logger[level](message),
    };
    super({
      workerPath,
      does: 'filters logs',
      local,
      textMegabytes: TEXT_MEGABYTES,
      closed: 'The list was closed.',
      crashed: (reason) =>
        `Reading the log for the list failed: its thread crashed (${reason}). Filter again to start anew.`,
    });
    this.onReading = this.own(readings).event;
  }
}
