import path from 'node:path';
import { Emitter } from '../../src/common/event';
import { silentLogger } from '../../src/common/logger';
import type { MessagePortLike } from '../../src/common/rpc';
import { Channel } from '../../src/common/rpc';
import { openTrajectorySource } from '../../src/files/openSource';
import { LogImages } from '../../src/host/images/logImages';
import type { WorkspaceImages } from '../../src/host/images/workspaceImages';
import { ListRows } from '../../src/host/trajectories/listRows';
import { OpenedSource } from '../../src/host/trajectories/openedSource';
import { TrajectorySession } from '../../src/host/trajectories/trajectorySession';
import type { TrajectoryHostApi, TrajectoryPageApi } from '../../src/protocol/trajectoryView';
import type { TrajectorySource } from '../../src/readers/trajectorySource';

const nobody = (): Promise<never> => Promise.reject(new Error('there is nobody to ask'));

/** A workspace without folders: images are looked for nowhere. */
function noPlaces(): WorkspaceImages {
  const places: Pick<WorkspaceImages, 'onDidChange' | 'roots' | 'trust' | 'truthFile'> = {
    onDidChange: new Emitter<void>().event,
    roots: () => [],
    trust: { trusted: true, folders: [] },
    truthFile: undefined,
  };
  return places as WorkspaceImages;
}

/** The host's own code for one editor, without the workbench around it. */
export interface EditorHost {
  readonly source: Promise<TrajectorySource>;
  readonly session: TrajectorySession;
  readonly list: ListRows;
  /** Answers a page. */
  serve(port: MessagePortLike): void;
  dispose(): void;
}

/**
 * Opens a log as the editor does: source, session, images, and the list with its threads from `dist`.
 * @param cacheFolder where indexes and tables are kept
 */
export function openEditorHost(file: string, dist: string, cacheFolder: string): EditorHost {
  const opened = new OpenedSource<TrajectorySource>(() =>
    openTrajectorySource([file], {
      index: 'worker',
      workerPath: path.join(dist, 'indexWorker.js'),
      sidecarFolder: cacheFolder,
      follow: true,
    }),
  );
  const images = new LogImages(noPlaces());
  const actions = { chooseImageFolder: nobody, revealRecord: nobody, showInCurves: nobody };
  const session = new TrajectorySession(opened, images.of(file), actions, silentLogger);
  const list = new ListRows({
    workerPath: path.join(dist, 'rowsWorker.js'),
    cacheFolder,
    logger: silentLogger,
    paths: async () => [file],
    rowsIn: (ranges) => session.rowsIn(ranges),
    view: (index) => session.viewBeside(index),
  });
  const owned = [list, session, images, opened];
  return {
    source: opened.source,
    session,
    list,
    serve: (port) => {
      const channel = new Channel<TrajectoryPageApi>(port, answersOf(session, list));
      session.onDidChangeSource((state) => void channel.remote.sourceChanged(state).catch(() => undefined));
      list.onReading((reading) => void channel.remote.listReading(reading).catch(() => undefined));
    },
    dispose: () => owned.forEach((disposable) => disposable.dispose()),
  };
}

function answersOf(session: TrajectorySession, list: ListRows): TrajectoryHostApi {
  return {
    ready: () => session.ready(),
    rows: (start, end) => session.rows(start, end),
    rowsIn: (ranges) => session.rowsIn(ranges),
    filter: () => session.filter(),
    clearFilter: () => session.clearFilter(),
    trajectory: (index) => session.trajectory(index),
    image: (index, id, maxSide) => session.image(index, id, maxSide),
    imageRegion: (index, id, region, maxSide) => session.imageRegion(index, id, region, maxSide),
    seenImage: (index, id) => session.seenImage(index, id),
    saveImage: () => Promise.resolve(false),
    chooseImageFolder: () => session.chooseImageFolder(),
    revealRecord: (index) => session.revealRecord(index),
    showInCurves: (index) => session.showInCurves(index),
    useFormula: (name) => session.useFormula(name),
    listQuery: (query) => list.listQuery(query),
    listRows: (result, start, end) => list.listRows(result, start, end),
    listPositionOf: (result, index) => list.listPositionOf(result, index),
    listValues: (field) => list.listValues(field),
    siblings: (index) => list.siblings(index),
    siblingBoxes: (index) => list.siblingBoxes(index),
    stopReading: () => list.stopReading(),
  };
}
