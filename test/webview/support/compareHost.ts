import type { ComparedLogs } from '../../../src/analysis/compare/comparison';
import { Comparison } from '../../../src/analysis/compare/comparison';
import { pairRollouts } from '../../../src/analysis/compare/pairRollouts';
import type { BoundingBox } from '../../../src/common/boundingBox';
import { ImcotError } from '../../../src/common/errors';
import type { MessagePortLike } from '../../../src/common/rpc';
import { Channel } from '../../../src/common/rpc';
import type {
  ComparedRollout,
  ComparedRow,
  CompareHostApi,
  ComparePageApi,
  CompareView,
  Side,
} from '../../../src/protocol/compareView';
import type { TrajectoryView } from '../../../src/protocol/trajectoryView';
import { plainRollout, twoCropRollout } from './demoData';
import { scenePicture } from './demoScene';
import type { OpenOptions, TestPage } from './page';

/** Two logs whose rollouts are views; those of equal `question` are paired. */
export interface CompareData {
  readonly view?: CompareView;
  readonly logs: Readonly<Record<Side, readonly TrajectoryView[]>>;
  readonly names?: Readonly<Record<Side, { readonly name: string; readonly folder: string }>>;
  readonly same?: ComparedLogs['sameRollouts'];
  /** Why a query fails. */
  readonly queryError?: { readonly column: number; readonly message: string };
}

/** The other end of a page under test, and what it was asked. */
export interface CompareFakeHost {
  readonly asked: string[];
  readonly page: Channel<ComparePageApi>['remote'];
}

const answerOf = ({ prediction, turns }: TrajectoryView): string | undefined =>
  prediction ?? turns.flatMap(({ parts }) => parts).findLast((part) => part.kind === 'answer')?.text;

function rolloutOf(view: TrajectoryView | undefined): ComparedRollout | undefined {
  if (!view) return undefined;
  const answer = answerOf(view);
  return {
    index: view.index,
    zooms: view.zoomCount,
    outcome: view.outcome.status,
    ...(answer !== undefined && { answer }),
    ...(view.verdict && { correct: view.verdict.correct }),
    ...(view.modelTokens !== undefined && { tokens: view.modelTokens }),
  };
}

/** Pairs the views with the functions that the real host uses. */
class FakeComparison {
  readonly view: CompareView;
  private readonly rows: ComparedRow[];

  constructor(readonly data: CompareData) {
    const { logs } = data;
    const asked = (side: Side) => logs[side].map(({ question }) => ({ question, picture: 'scene' }));
    const records = (side: Side) => ({
      count: logs[side].length,
      isBad: () => false,
      correct: (row: number) => logs[side][row]?.verdict?.correct,
      zooms: (row: number) => logs[side][row]?.zoomCount,
      tokens: (row: number) => logs[side][row]?.modelTokens,
    });
    const comparison = new Comparison(pairRollouts(asked('a'), asked('b')), records('a'), records('b'));
    const { pairing } = comparison;
    const seen = new Map<number, number>();
    this.rows = Array.from({ length: pairing.count }, (_, row): ComparedRow => {
      const question = pairing.question[row] ?? -1;
      seen.set(question, (seen.get(question) ?? 0) + 1);
      const [ofA, ofB] = [logs.a[pairing.a[row] ?? -1], logs.b[pairing.b[row] ?? -1]];
      const [a, b] = [rolloutOf(ofA), rolloutOf(ofB)];
      const tally = a && b && comparison.tallyOf(row);
      return {
        row,
        cell: comparison.cellAt(row),
        question: (ofA ?? ofB)?.question ?? '',
        ...(a && { a }),
        ...(b && { b }),
        ...(tally && tally.pairs > 1 && { several: { place: seen.get(question) ?? 1, tally } }),
      };
    });
    const names = data.names ?? {
      a: { name: 'result_direct_attributes.jsonl', folder: 'step_40' },
      b: { name: 'result_direct_attributes.jsonl', folder: 'step_72' },
    };
    const formats = { a: 'DeepEyes evaluation results', b: 'DeepEyes evaluation results' };
    const { same } = data;
    const compared: ComparedLogs = {
      summary: comparison.summary,
      formats,
      ...(same && { sameRollouts: same }),
    };
    this.view = data.view ?? { status: 'ready', names, generation: 1, compared };
  }

  found(cell: ComparedRow['cell'] | undefined, text: string): readonly ComparedRow[] {
    return this.rows.filter(
      (row) =>
        (cell === undefined || row.cell === cell) && row.question.toLowerCase().includes(text.toLowerCase()),
    );
  }
}

function hostApi(fake: FakeComparison, asked: string[]): CompareHostApi {
  let results = 0;
  let rows: readonly ComparedRow[] = [];
  const recordOf = (side: Side, index: number): TrajectoryView => {
    const view = fake.data.logs[side][index];
    if (!view) throw new ImcotError('missing', `${side} has no record ${index}.`);
    return view;
  };
  return {
    ready: async () => fake.view,
    again: async () => void asked.push('again'),
    stop: async () => void asked.push('stop'),
    query: async ({ cell, text, selected }) => {
      asked.push(`query ${cell ?? 'all'} ${text}`.trim());
      const { queryError } = fake.data;
      if (queryError && text !== '') return { status: 'error', ...queryError };
      rows = fake.found(cell, text);
      const position = rows.findIndex(({ row }) => row === selected);
      return { status: 'ok', result: ++results, count: rows.length, ...(position >= 0 && { position }) };
    },
    rows: async (result, start, end) => {
      if (result !== results) throw new ImcotError('missing', 'This list is out of date.');
      asked.push(`rows ${start} ${end}`);
      return rows.slice(start, end);
    },
    trajectory: async (side, index) => recordOf(side, index),
    image: async (side, index, id, maxSide) => {
      asked.push(`image ${side} ${index} ${id}`);
      return scenePicture(maxSide, pieceOf(recordOf(side, index), id));
    },
    imageRegion: async (_side, _index, _id, region, maxSide) => {
      const [x1, y1, x2, y2] = region;
      return { ...(await scenePicture(maxSide, { x1, y1, x2, y2 })), region };
    },
    open: async (side, index) => void asked.push(`open ${side} ${index}`),
    chooseImageFolder: async () => {
      asked.push('chooseImageFolder');
      return true;
    },
  };
}

/** What a crop shows: what the call of its turn asked for. */
function pieceOf({ turns }: TrajectoryView, id: string): BoundingBox | undefined {
  const turn = turns.find(({ parts }) =>
    parts.some((part) => part.kind === 'observation' && part.images.some((image) => image.id === id)),
  );
  const call = turn?.parts.find((part) => part.kind === 'toolCall');
  return call?.kind === 'toolCall' ? call.call.box : undefined;
}

/** Opens a page over two logs. */
export async function openCompare(
  open: (options?: OpenOptions) => Promise<TestPage>,
  data: CompareData,
  options: OpenOptions = {},
): Promise<{ readonly opened: TestPage; readonly host: CompareFakeHost }> {
  let host: CompareFakeHost | undefined;
  const fake = new FakeComparison(data);
  const connect = (port: MessagePortLike): void => {
    const asked: string[] = [];
    host = { asked, page: new Channel<ComparePageApi>(port, hostApi(fake, asked)).remote };
  };
  const opened = await open({ ...options, name: 'compare', connect });
  if (!host) throw new Error('the page was opened without a connection');
  return { opened, host };
}

const QUESTIONS = [
  'What is the price on the red machine?',
  'Which stall stands to the right of the books?',
  'Is there a bin beside the machine?',
  'What is written above the third stall?',
];

/** A rollout of a question over the scene; `looks` zooms on the machine, or beside it where wrong. */
export function rolloutOn(
  index: number,
  question: string,
  correct: boolean | undefined,
  looks = 1,
): TrajectoryView {
  const { turns } = twoCropRollout(index);
  const kept =
    looks === 2
      ? turns.slice(0, 2)
      : looks === 1
        ? turns.slice(correct === true ? 1 : 0, correct === true ? 2 : 1)
        : [];
  return plainRollout(index, {
    question,
    user: question,
    turns: [
      ...kept,
      {
        raw: '',
        recovered: false,
        parts: [
          { kind: 'answer', text: correct === true ? '2.50' : 'there is none', closed: true, tokens: 5 },
        ],
      },
    ],
    groundTruth: '2.50',
    groundTruthBoxes: { boxes: [{ x1: 1170, y1: 1122, x2: 1258, y2: 1242 }], from: 'besideImage' },
    ...(correct !== undefined && { verdict: { correct, provenance: 'stored' } }),
    zoomCount: looks,
    toolCalls: looks,
    modelTokens: 60 + ((index * 37) % 300),
  });
}

/** 40 questions that both logs have, two that only A has, one that only B has; each question once. */
export function demoLogs(): CompareData {
  const question = (index: number): string =>
    `${QUESTIONS[index % QUESTIONS.length] ?? ''}${index < QUESTIONS.length ? '' : ` (${index})`}`;
  const rangeOf = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
  const a = rangeOf(42).map((index) =>
    rolloutOn(index, question(index), index === 39 ? undefined : index % 3 !== 1, 1 + (index % 2)),
  );
  const b = rangeOf(40).map((index) => rolloutOn(index, question(index), index % 4 !== 0, index % 3));
  return { logs: { a, b: [...b, rolloutOn(40, 'What only B was asked', true)] } };
}
