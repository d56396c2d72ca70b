import type { MessagePortLike } from '../../../src/common/rpc';
import { Channel } from '../../../src/common/rpc';
import type { RowFilter, RowView, SiblingBoxes, SiblingGroup } from '../../../src/protocol/listView';
import type { Size } from '../../../src/common/boundingBox';
import { ImcotError } from '../../../src/common/errors';
import type {
  SourceView,
  TrajectoryHostApi,
  TrajectoryPageApi,
  TrajectoryView,
} from '../../../src/protocol/trajectoryView';
import { FakeList } from './fakeList';
import type { OpenOptions, TestPage } from './page';

type BadRow = Extract<RowView, { status: 'bad' }>;
type ReadySource = Extract<SourceView, { status: 'ready' }>;

/** What the extension host would answer with. */
export interface HostData {
  readonly source: SourceView;
  row(index: number): RowView;
  /** What the list is narrowed to from the beginning. */
  readonly filter?: RowFilter;
  record(index: number): TrajectoryView | BadRow;
  image?(
    index: number,
    id: string,
    maxSide: number,
  ): Promise<{ mediaType: string; bytes: Uint8Array; size: Size }>;
  /** Another formula was chosen. */
  useFormula?(name: string): void;
  /** Group of a record. */
  siblings?(index: number): SiblingGroup | undefined;
  /** Boxes of that group. */
  siblingBoxes?(index: number): SiblingBoxes | undefined;
  /** Awaited before a query of the list is answered. */
  reading?(): Promise<void>;
  /** A piece of an image at full detail; the whole one in its place where absent. */
  region?(
    region: readonly [number, number, number, number],
    maxSide: number,
  ): Promise<{ mediaType: string; bytes: Uint8Array; size: Size }>;
  /** Milliseconds before a record is answered. */
  readonly delay?: number;
}

/** The other end of a page under test, and what it was asked. */
export interface FakeHost {
  readonly asked: string[];
  readonly page: Channel<TrajectoryPageApi>['remote'];
  /** Exchanges what it answers with from now on. */
  use(data: HostData): void;
}

/** A source of so many records, all there. */
export function readySource(records: number, more: Partial<ReadySource> = {}): ReadySource {
  return {
    status: 'ready',
    name: 'rollouts.jsonl',
    label: 'DeepEyes evaluation',
    records,
    complete: true,
    indexed: 1,
    incompleteTail: 0,
    generation: 1,
    ...more,
  };
}

/** The row that a host would make of a trajectory. */
export function rowOf(view: TrajectoryView): RowView {
  const answer = view.turns.flatMap((turn) => turn.parts).findLast((part) => part.kind === 'answer')?.text;
  return {
    status: 'ok',
    index: view.index,
    question: view.question,
    zoomCount: view.zoomCount,
    toolCalls: view.toolCalls,
    outcome: view.outcome.status,
    ...(answer !== undefined && { answer }),
    ...(view.verdict && { correct: view.verdict.correct }),
    ...(view.reward?.total !== undefined && { reward: view.reward.total }),
    ...(view.modelTokens !== undefined && { modelTokens: view.modelTokens }),
    ...(view.step !== undefined && { step: view.step }),
  };
}

function serve(port: MessagePortLike, first: HostData): FakeHost {
  let data = first;
  const asked: string[] = [];
  const list = new FakeList(() => data, asked);
  const local: TrajectoryHostApi = {
    ...list.methods(),
    ready: async () => {
      asked.push('ready');
      return data.source;
    },
    useFormula: async (name) => {
      if (name !== undefined) asked.push(`useFormula ${name}`);
      data.useFormula?.(name ?? 'recorded');
      return name ?? 'recorded';
    },
    rows: async (start, end) => {
      asked.push(`rows ${start} ${end}`);
      const records = data.source.status === 'ready' ? data.source.records : 0;
      const last = Math.min(end, records);
      return Array.from({ length: Math.max(0, last - start) }, (_, offset) => data.row(start + offset));
    },
    rowsIn: async (ranges) => {
      asked.push(`rowsIn ${ranges.map(([start, end]) => `${start}-${end}`).join(' ')}`);
      const indices = ranges.flatMap(([start, end]) =>
        Array.from({ length: end - start }, (_, i) => start + i),
      );
      return indices.map((index) => data.row(index));
    },
    filter: async () => data.filter,
    clearFilter: async () => {
      asked.push('clearFilter');
    },
    trajectory: async (index) => {
      asked.push(`trajectory ${index}`);
      if (data.delay !== undefined) await new Promise((resolve) => setTimeout(resolve, data.delay));
      return data.record(index);
    },
    image: async (index, id, maxSide) => {
      asked.push(`image ${index} ${id} ${maxSide}`);
      if (!data.image) throw new ImcotError('missing', 'This picture is gone.');
      return data.image(index, id, maxSide);
    },
    imageRegion: async (index, id, [x1, y1, x2, y2], maxSide) => {
      const region = [Math.floor(x1), Math.floor(y1), Math.ceil(x2), Math.ceil(y2)] as const;
      asked.push(`imageRegion ${index} ${id} ${region.join(' ')} ${maxSide}`);
      if (!data.image) throw new ImcotError('missing', 'This picture is gone.');
      const picture =
        data.region ?? ((_box: readonly number[], side: number) => data.image?.(index, id, side));
      const found = await picture(region, maxSide);
      if (!found) throw new ImcotError('missing', 'This picture is gone.');
      return { ...found, region };
    },
    seenImage: async (index, id) => {
      asked.push(`seenImage ${index} ${id}`);
      if (!data.image) throw new ImcotError('missing', 'This picture is gone.');
      return data.image(index, id, 4096);
    },
    saveImage: async (index, id) => {
      asked.push(`saveImage ${index} ${id}`);
      return true;
    },
    chooseImageFolder: async () => {
      asked.push('chooseImageFolder');
      return true;
    },
    revealRecord: async (index) => {
      asked.push(`revealRecord ${index}`);
    },
    showInCurves: async (index) => {
      asked.push(`showInCurves ${index}`);
    },
  };
  const channel = new Channel<TrajectoryPageApi>(port, local);
  return { asked, page: channel.remote, use: (next) => (data = next) };
}

/** Opens a page whose host answers from data. */
export async function openWithHost(
  open: (options?: OpenOptions) => Promise<TestPage>,
  data: HostData,
  options: OpenOptions = {},
): Promise<{ readonly opened: TestPage; readonly host: FakeHost }> {
  let host: FakeHost | undefined;
  const opened = await open({ ...options, connect: (port) => (host = serve(port, data)) });
  if (!host) throw new Error('the page was opened without a connection');
  return { opened, host };
}
