import type { Pairing } from './pairRollouts';
import { NO_ROW } from './pairRollouts';

/** How a row of a comparison came out. `unjudged`: at least one of the two has no verdict. */
export const CELLS = ['bothRight', 'onlyA', 'onlyB', 'bothWrong', 'unjudged', 'aloneA', 'aloneB'] as const;

/** Name of such an outcome. */
export type Cell = (typeof CELLS)[number];

/** How many were judged, and right. `accuracy` is right over judged, null when nothing was judged. */
export interface Judged {
  readonly total: number;
  readonly judged: number;
  readonly right: number;
  readonly accuracy: number | null;
}

/** One of the two logs. */
export interface SideSummary {
  /** Records that could be read, and that could not. */
  readonly records: number;
  readonly badRecords: number;
  readonly questions: number;
  /** All of its rollouts. */
  readonly all: Judged;
  /** Those that have a partner in the other log: what can be compared. */
  readonly paired: Judged;
  /** Means over the rollouts with a partner; null where none of them is known. Zooms: crops that came back. */
  readonly meanZooms: number | null;
  /** Tokens that the policy wrote; `tokensKnown` of the rollouts tell theirs. */
  readonly meanTokens: number | null;
  readonly tokensKnown: number;
}

/** Two logs of the same questions, in numbers. */
export interface ComparisonSummary {
  /** Different questions that both logs have. */
  readonly questions: number;
  readonly pairs: number;
  /** Most pairs of one question; 1 where each is asked once. */
  readonly mostPairs: number;
  readonly cells: Readonly<Record<Cell, number>>;
  readonly a: SideSummary;
  readonly b: SideSummary;
}

/** What was found out about two logs. */
export interface ComparedLogs {
  readonly summary: ComparisonSummary;
  /** The formats for people. */
  readonly formats: { readonly a: string; readonly b: string };
  /** Set where both logs hold the very same rollouts: which of them carry verdicts. */
  readonly sameRollouts?: { readonly judgedA: boolean; readonly judgedB: boolean };
}

/** What is asked of the records of a log, by position. */
export interface ComparedRecords {
  /** Records, bad ones included. */
  readonly count: number;
  isBad(row: number): boolean;
  correct(row: number): boolean | undefined;
  zooms(row: number): number | undefined;
  tokens(row: number): number | undefined;
}

/** How the several pairs of one question came out. */
export interface QuestionTally {
  readonly pairs: number;
  readonly judgedA: number;
  readonly rightA: number;
  readonly judgedB: number;
  readonly rightB: number;
}

/** The cell of a pair by its verdicts. */
export function cellOf(a: boolean | undefined, b: boolean | undefined): Cell {
  if (a === undefined || b === undefined) return 'unjudged';
  if (a) return b ? 'bothRight' : 'onlyA';
  return b ? 'onlyB' : 'bothWrong';
}

/** Two logs set side by side: the outcome of each row, and the figures of all. */
export class Comparison {
  /** Position in `CELLS` by row. */
  private readonly outcomes: Uint8Array;
  private readonly tallies: Map<number, QuestionTally>;
  readonly summary: ComparisonSummary;

  constructor(
    readonly pairing: Pairing,
    a: ComparedRecords,
    b: ComparedRecords,
  ) {
    this.outcomes = new Uint8Array(pairing.count);
    const cells: Record<Cell, number> = {
      bothRight: 0,
      onlyA: 0,
      onlyB: 0,
      bothWrong: 0,
      unjudged: 0,
      aloneA: 0,
      aloneB: 0,
    };
    for (let row = 0; row < pairing.count; row++) {
      const [inA, inB] = [pairing.a[row] ?? NO_ROW, pairing.b[row] ?? NO_ROW];
      const cell =
        inB === NO_ROW ? 'aloneA' : inA === NO_ROW ? 'aloneB' : cellOf(a.correct(inA), b.correct(inB));
      this.outcomes[row] = CELLS.indexOf(cell);
      cells[cell]++;
    }
    this.tallies = talliesOf(pairing, a, b);
    const { questions } = pairing;
    this.summary = {
      questions: questions.shared,
      pairs: pairing.count - cells.aloneA - cells.aloneB,
      mostPairs: [...this.tallies.values()].reduce((most, { pairs }) => Math.max(most, pairs), 0),
      cells,
      a: sideSummary(a, pairing.a, pairing.b, questions.a),
      b: sideSummary(b, pairing.b, pairing.a, questions.b),
    };
  }

  /** How a row came out. */
  cellAt(row: number): Cell {
    return CELLS[this.outcomes[row] ?? 0] ?? 'unjudged';
  }

  /** How the pairs of a row's question came out together; undefined without a pair. */
  tallyOf(row: number): QuestionTally | undefined {
    return this.tallies.get(this.pairing.question[row] ?? NO_ROW);
  }
}

function talliesOf(pairing: Pairing, a: ComparedRecords, b: ComparedRecords): Map<number, QuestionTally> {
  const tallies = new Map<number, { -readonly [K in keyof QuestionTally]: QuestionTally[K] }>();
  for (let row = 0; row < pairing.count; row++) {
    const [inA, inB] = [pairing.a[row] ?? NO_ROW, pairing.b[row] ?? NO_ROW];
    if (inA === NO_ROW || inB === NO_ROW) continue;
    const question = pairing.question[row] ?? NO_ROW;
    const tally = tallies.get(question) ?? { pairs: 0, judgedA: 0, rightA: 0, judgedB: 0, rightB: 0 };
    tallies.set(question, tally);
    const [rightA, rightB] = [a.correct(inA), b.correct(inB)];
    tally.pairs++;
    if (rightA !== undefined) tally.judgedA++;
    if (rightA === true) tally.rightA++;
    if (rightB !== undefined) tally.judgedB++;
    if (rightB === true) tally.rightB++;
  }
  return tallies;
}

function sideSummary(
  records: ComparedRecords,
  own: Int32Array,
  other: Int32Array,
  questions: number,
): SideSummary {
  const [all, paired] = [new Verdicts(), new Verdicts()];
  const [zooms, tokens] = [new Mean(), new Mean()];
  let badRecords = 0;
  for (let row = 0; row < records.count; row++) {
    if (records.isBad(row)) badRecords++;
    else all.add(records.correct(row));
  }
  own.forEach((row, at) => {
    if (row === NO_ROW || other[at] === NO_ROW) return;
    paired.add(records.correct(row));
    zooms.add(records.zooms(row));
    tokens.add(records.tokens(row));
  });
  return {
    records: records.count - badRecords,
    badRecords,
    questions,
    all: all.judged(),
    paired: paired.judged(),
    meanZooms: zooms.mean(),
    meanTokens: tokens.mean(),
    tokensKnown: tokens.count,
  };
}

class Verdicts {
  private total = 0;
  private known = 0;
  private right = 0;

  add(correct: boolean | undefined): void {
    this.total++;
    if (correct !== undefined) this.known++;
    if (correct === true) this.right++;
  }

  judged(): Judged {
    const { total, known: judged, right } = this;
    return { total, judged, right, accuracy: judged === 0 ? null : right / judged };
  }
}

class Mean {
  private sum = 0;
  count = 0;

  add(value: number | undefined): void {
    if (value === undefined) return;
    this.sum += value;
    this.count++;
  }

  mean(): number | null {
    return this.count === 0 ? null : this.sum / this.count;
  }
}
