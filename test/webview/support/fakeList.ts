import { compileFilter } from '../../../src/analysis/expression/compileFilter';
import type { RolloutFields } from '../../../src/analysis/expression/rolloutFields';
import { ROLLOUT_FIELDS } from '../../../src/analysis/expression/rolloutFields';
import { ImcotError } from '../../../src/common/errors';
import type { ListHostApi, RowQuery, RowView, RowsFound } from '../../../src/protocol/listView';
import type { HostData } from './fakeHost';

function fieldsOf(row: RowView): RolloutFields {
  if (row.status === 'bad') return { index: row.index, unreadable: true };
  const { index, question, answer, correct, reward, zoomCount, toolCalls, modelTokens, step } = row;
  return {
    index,
    question,
    zooms: zoomCount,
    calls: toolCalls,
    ...(answer !== undefined && { answer }),
    ...(correct !== undefined && { correct }),
    ...(reward !== undefined && { reward }),
    ...(modelTokens !== undefined && { tokens: modelTokens }),
    ...(step !== undefined && { step }),
  };
}

/** The host's part of the list, in its simplest form: every row is looked at for every query. */
export class FakeList {
  private rows: number[] = [];
  private result = 0;

  constructor(
    private readonly data: () => HostData,
    private readonly asked: string[],
  ) {}

  methods(): ListHostApi {
    return {
      listQuery: (query) => this.query(query),
      listRows: async (result, start, end) => {
        this.asked.push(`listRows ${start}-${end}`);
        if (result !== this.result) throw new ImcotError('missing', 'This list is out of date.');
        return this.rows.slice(start, end).map((index) => this.data().row(index));
      },
      listPositionOf: async (_result, index) => {
        const position = this.rows.indexOf(index);
        return position < 0 ? undefined : position;
      },
      listValues: async () => [],
      siblings: async (index) => this.data().siblings?.(index),
      siblingBoxes: async (index) => {
        this.asked.push(`siblingBoxes ${index}`);
        return this.data().siblingBoxes?.(index);
      },
      stopReading: async () => void this.asked.push('stopReading'),
    };
  }

  private async query({ text, sort, ranges, selected }: RowQuery): Promise<RowsFound> {
    this.asked.push(`listQuery ${text}${sort ? ` by ${sort.field}${sort.descending ? ' down' : ''}` : ''}`);
    const filter = compileFilter(text, ROLLOUT_FIELDS);
    if (filter.kind === 'error') return { status: 'error', ...filter.error };
    await this.data().reading?.();
    const { source } = this.data();
    const scanned = source.status === 'ready' ? source.records : 0;
    const wanted = ranges ?? [[0, scanned] as const];
    const indices = wanted.flatMap(([start, end]) =>
      Array.from({ length: Math.min(end, scanned) - start }, (_, at) => start + at),
    );
    this.rows = indices.filter((index) => filter.test(fieldsOf(this.data().row(index))));
    if (sort) this.sort(sort.field, sort.descending ? -1 : 1);
    const position = this.rows.indexOf(selected ?? -1);
    const judged = this.rows.map((index) => fieldsOf(this.data().row(index)).correct);
    return {
      status: 'ok',
      result: ++this.result,
      count: this.rows.length,
      judged: judged.filter((correct) => correct !== undefined).length,
      right: judged.filter((correct) => correct === true).length,
      scanned,
      unreadable: Array.from({ length: scanned }, (_, index) => this.data().row(index)).filter(
        ({ status }) => status === 'bad',
      ).length,
      complete: true,
      ...(position >= 0 && { position }),
    };
  }

  private sort(name: string, sign: number): void {
    const field = ROLLOUT_FIELDS.find((candidate) => candidate.name === name);
    const keyOf = (index: number): number =>
      Number(field?.read(fieldsOf(this.data().row(index))) ?? Infinity * sign);
    this.rows.sort((a, b) => sign * (keyOf(a) - keyOf(b)) || a - b);
  }
}
