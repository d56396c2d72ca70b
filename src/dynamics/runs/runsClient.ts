import { Emitter, type Event } from '../../common/event';
import { ApiThread } from '../../files/apiThread';
import type { RunLogs, RunsApi, RunsEvents } from './runLogs';

/** The thread that finds and counts logs. */
export class RunsClient extends ApiThread<RunsApi> {
  /** More is known. */
  readonly onDidChange: Event<RunLogs>;

  /**
   * @param workerPath the built `runsWorker.js`
   * @throws ImcotError where that program is missing
   */
  constructor(workerPath: string) {
    const changes = new Emitter<RunLogs>();
    const local: RunsEvents = { changed: async (logs) => changes.fire(logs) };
    super({
      workerPath,
      does: 'finds logs',
      local,
      closed: 'The search for logs was ended.',
      crashed: (reason) =>
        `The search for logs failed: its thread crashed (${reason}). Refresh to search again.`,
    });
    this.onDidChange = this.own(changes).event;
  }
}
