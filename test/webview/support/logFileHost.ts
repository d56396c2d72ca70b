import path from 'node:path';
import { Channel } from '../../../src/common/rpc';
import { silentLogger } from '../../../src/common/logger';
import { Emitter } from '../../../src/common/event';
import { FileSource } from '../../../src/files/fileSource';
import { openLog } from '../../../src/host/logFile/openedLog';
import { LogFileSession } from '../../../src/host/logFile/logFileSession';
import { RecordPlaces } from '../../../src/host/logFile/recordPlaces';
import { openTrajectorySource } from '../../../src/files/openSource';
import type { LogFilePageApi } from '../../../src/protocol/logFileView';
import { PROJECT_ROOT } from '../../support/sources';
import type { OpenOptions, TestPage } from './page';

/** A viewer's page with the real session behind it; what leaves the session is noted. */
export interface LogFilePage {
  readonly opened: TestPage;
  readonly session: LogFileSession;
  readonly remote: Channel<LogFilePageApi>['remote'];
  /** `copy: text`, `record: 3`, `step: 46`, `other: dynamics`. */
  readonly actions: string[];
  /** Looks whether the file has changed. */
  look(): Promise<void>;
  dispose(): void;
}

/** Opens a page over a file. */
export async function openLogPage(
  open: (options?: OpenOptions) => Promise<TestPage>,
  file: string,
  options: Omit<OpenOptions, 'name' | 'connect'> = {},
): Promise<LogFilePage> {
  const actions: string[] = [];
  const opening = openLog(file, {
    open: (name) => FileSource.open(name),
    workerPath: path.join(PROJECT_ROOT, 'dist/logWorker.js'),
    logger: silentLogger,
    pollMs: 100_000,
  });
  const behind = { name: path.basename(file), opened: opening, onDidReopen: new Emitter<void>().event };
  const note = (what: string): Promise<void> => {
    actions.push(what);
    return Promise.resolve();
  };
  const session = new LogFileSession(behind, {
    copy: (text) => note(`copy: ${text}`),
    openRecord: (index) => note(`record: ${index}`),
    showStep: (step) => note(`step: ${step}`),
    openOther: (editor) => note(`other: ${editor}`),
    records: () => new RecordPlaces(() => openTrajectorySource([file], { index: 'inProcess' })),
  });
  let channel: Channel<LogFilePageApi> | undefined;
  const opened = await open({
    ...options,
    name: 'logFile',
    connect: (port) => (channel = new Channel<LogFilePageApi>(port, session)),
  });
  if (!channel) throw new Error('the page was opened without a connection');
  const { remote } = channel;
  session.onDidChange((view) => void remote.changed(view).catch(() => undefined));
  session.onDidSearch((view) => void remote.searched(view).catch(() => undefined));
  return {
    opened,
    session,
    remote,
    actions,
    look: async () => {
      const log = await opening;
      if ('log' in log) await log.log.look();
    },
    dispose: () => {
      session.dispose();
      channel?.dispose();
      void opening.then((log) => 'log' in log && log.log.dispose());
    },
  };
}
