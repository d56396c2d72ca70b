import type { RowTable } from './rowTable';
import type { SiblingGroup, SiblingRow } from '../protocol/listView';

/** Most siblings that are told one by one; groups of training have 4 to 64. */
const MAX_SIBLINGS = 256;

/** The group of a row with its figures; undefined for a row that has none, or is alone. */
export function siblingsOf(table: RowTable, index: number): SiblingGroup | undefined {
  if (index >= table.count) return undefined;
  const groups = table.grouped();
  const members = groups.membersOf(index);
  if (!members || members.length < 2) return undefined;
  const spread = groups.spreadOf(index);
  const place = members.indexOf(index);
  const [previous, next] = [members[place - 1], members[place + 1]];
  const first = Math.max(0, Math.min(place - MAX_SIBLINGS / 2, members.length - MAX_SIBLINGS));
  return {
    count: members.length,
    rows: [...members.subarray(first, first + MAX_SIBLINGS)].map((row) => siblingRow(table, row)),
    rewarded: spread?.count ?? 0,
    ...(spread && { mean: spread.mean, deviation: spread.deviation, isDead: spread.isDead }),
    ...(previous !== undefined && { previous }),
    ...(next !== undefined && { next }),
  };
}

function siblingRow(table: RowTable, index: number): SiblingRow {
  const correct = table.column('correct')?.get(index);
  const reward = table.rewardOf(index);
  const advantage = table.grouped().advantageOf(index);
  return {
    index,
    ...(typeof correct === 'boolean' && { correct }),
    ...(reward !== undefined && { reward }),
    ...(advantage !== undefined && { advantage }),
  };
}
