import type { AskedQuestion } from './askedQuestion';
import { mayBeOnePicture } from './askedQuestion';

/** What each record of a log asks, by its position; undefined for records that can't be read. */
export type AskedRows = readonly (AskedQuestion | undefined)[];

/** Stands for a rollout that is not there. */
export const NO_ROW = -1;

/** The rollouts of two logs, set side by side. */
export interface Pairing {
  /** Rows: pairs and rollouts without a partner in the order of A, then what B alone has in its order. */
  readonly count: number;
  /** Position of the record in A, and in B, by row; `NO_ROW` where that log has none. */
  readonly a: Int32Array;
  readonly b: Int32Array;
  /** Number of the question by row, from 0. */
  readonly question: Int32Array;
  /** Different questions of A, of B, and of both. */
  readonly questions: { readonly a: number; readonly b: number; readonly shared: number };
}

/** The rollouts of one question, in file order. */
interface Group extends AskedQuestion {
  readonly a: number[];
  readonly b: number[];
}

/**
 * Pairs the rollouts of two logs that were asked the same: equal names of the pictures and equal questions. Where one log
 * does not name its picture, or not in the same way, the question alone decides, provided that either log asks it of no
 * other picture that is still without a partner. Several rollouts of one question are paired in the order in which they
 * stand. A record with neither question nor picture has no partner.
 */
export function pairRollouts(a: AskedRows, b: AskedRows): Pairing {
  const groups = joinUnnamed(groupsOf(a, b));
  const rows = new Rows();
  const partners = new Int32Array(a.length).fill(NO_ROW);
  const numbers = { a: new Int32Array(a.length).fill(NO_ROW), b: new Int32Array(b.length).fill(NO_ROW) };
  const isPaired = new Uint8Array(b.length);
  groups.forEach((group, number) => {
    for (const [at, row] of group.a.entries()) {
      numbers.a[row] = number;
      partners[row] = group.b[at] ?? NO_ROW;
    }
    for (const [at, row] of group.b.entries()) {
      numbers.b[row] = number;
      isPaired[row] = at < group.a.length ? 1 : 0;
    }
  });
  for (const [row, number] of numbers.a.entries())
    if (number !== NO_ROW) rows.add(row, partners[row] ?? NO_ROW, number);
  for (const [row, number] of numbers.b.entries())
    if (number !== NO_ROW && isPaired[row] === 0) rows.add(NO_ROW, row, number);
  const withA = groups.filter((group) => group.a.length > 0);
  const withB = groups.filter((group) => group.b.length > 0);
  const shared = withA.length + withB.length - groups.length;
  return { ...rows.done(), questions: { a: withA.length, b: withB.length, shared } };
}

class Rows {
  private readonly a: number[] = [];
  private readonly b: number[] = [];
  private readonly question: number[] = [];

  add(a: number, b: number, question: number): void {
    this.a.push(a);
    this.b.push(b);
    this.question.push(question);
  }

  done(): Omit<Pairing, 'questions'> {
    const [a, b, question] = [this.a, this.b, this.question].map((list) => Int32Array.from(list)) as [
      Int32Array,
      Int32Array,
      Int32Array,
    ];
    return { count: a.length, a, b, question };
  }
}

function groupsOf(a: AskedRows, b: AskedRows): Group[] {
  const groups: Group[] = [];
  const byKey = new Map<string, Group>();
  const add = (asked: AskedQuestion | undefined, side: 'a' | 'b', row: number): void => {
    if (!asked) return;
    const { question, picture } = asked;
    const key = `${question}\n${picture}`;
    let group = byKey.get(key);
    if (!group) {
      group = { question, picture, a: [], b: [] };
      groups.push(group);
      // What tells nothing of itself equals nothing.
      if (question !== '' || picture !== '') byKey.set(key, group);
    }
    group[side].push(row);
  };
  a.forEach((asked, row) => add(asked, 'a', row));
  b.forEach((asked, row) => add(asked, 'b', row));
  return groups;
}

/** Joins what only A and only B asks, where the question is one and the pictures may be. */
function joinUnnamed(groups: readonly Group[]): readonly Group[] {
  const onlyA = singles(groups.filter((group) => group.b.length === 0));
  const onlyB = singles(groups.filter((group) => group.a.length === 0));
  const gone = new Set<Group>();
  for (const [question, group] of onlyA) {
    const other = onlyB.get(question);
    if (!group || !other || !mayBeOnePicture(group.picture, other.picture)) continue;
    group.b.push(...other.b);
    gone.add(other);
  }
  return gone.size === 0 ? groups : groups.filter((group) => !gone.has(group));
}

/** Groups by their question; undefined under a question that several of them have. */
function singles(groups: readonly Group[]): ReadonlyMap<string, Group | undefined> {
  const found = new Map<string, Group | undefined>();
  for (const group of groups)
    if (group.question !== '') found.set(group.question, found.has(group.question) ? undefined : group);
  return found;
}
