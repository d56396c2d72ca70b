import { isDeepStrictEqual } from 'node:util';
import type { Trajectory } from '../../../src/trajectory/trajectory';
import type { Fields } from '../comparison';
import { fieldsOf, listOf } from '../comparison';
import type { Ledger, Path } from '../ledger';
import { wantedNumber } from '../numbers';
import type { RolloutComparison, RolloutFile } from './rolloutFile';
import { checkCount, recordAt } from './rolloutFile';

/** Completions of TRL: a row per rollout. Those of ms-swift: a row per line, which is a table. */
export const completionsComparison: RolloutComparison = {
  formats: ['trl-completions', 'swift-completions'],
  compare(entry, file, ledger) {
    if (file.format === 'trl-completions') compareRows(entry, file, ledger);
    else compareTables(entry, file, ledger);
    if ('dtypes' in entry) ledger.except(['dtypes'], 'typeOfValue');
    if ('note' in entry) ledger.except(['note'], 'noteOnly');
  },
};

function compareRows(entry: Fields, file: RolloutFile, ledger: Ledger): void {
  const rows = listOf(entry['rows']).map(fieldsOf);
  checkCount(file, rows.length, ledger);
  for (const [index, row] of rows.entries()) {
    const trajectory = recordAt(file, index, ledger)?.trajectory;
    if (!trajectory) continue;
    for (const [key, wanted] of Object.entries(row)) {
      const path = ['rows', index, key];
      if (key === 'step') ledger.compare(path, trajectory.step);
      else if (key === 'prompt') compareTexts(wanted, path, promptTexts(trajectory), ledger);
      else if (key === 'completion') compareTexts(wanted, path, completionTexts(trajectory), ledger);
      else compareNumber(key, wanted, path, trajectory, ledger);
    }
  }
}

/** What the prompt reads as: as one text, and by role. */
function promptTexts({ prompt }: Trajectory): Fields {
  return { whole: prompt.raw ?? prompt.user, system: prompt.system, user: prompt.user };
}

function completionTexts({ turns }: Trajectory): Fields {
  const whole = turns.map(({ raw, observation }) => raw + (observation?.raw ?? '')).join('');
  return { whole, assistant: turns[0]?.raw, ...(turns.length > 1 && { assistant: undefined }) };
}

/** A text, or messages of which each role comes once. */
function compareTexts(wanted: unknown, path: Path, texts: Fields, ledger: Ledger): void {
  if (typeof wanted === 'string') return ledger.compare(path, texts['whole']);
  const messages = listOf(wanted).map(fieldsOf);
  for (const [at, { role, content }] of messages.entries()) {
    const isThere = typeof role === 'string' && texts[role] !== undefined;
    ledger.check([...path, at, 'role'], isThere, role);
    ledger.check([...path, at, 'content'], isThere && texts[String(role)] === content, texts[String(role)]);
  }
}

/** A reward, or another column: a reward function that gave nothing is none of the parts, and its cell stays as it is. */
function compareNumber(
  key: string,
  wanted: unknown,
  path: Path,
  trajectory: Trajectory,
  ledger: Ledger,
): void {
  const number = wanted === null ? NaN : wantedNumber(wanted);
  const part = trajectory.reward?.parts.find(({ name }) => name === key)?.value;
  const cell = trajectory.extras.get(key);
  const got = part ?? (cell === null ? NaN : cell);
  ledger.check(path, Object.is(got, part === undefined || number === undefined ? number : number + 0), got);
}

function compareTables(entry: Fields, file: RolloutFile, ledger: Ledger): void {
  let next = 0;
  for (const [index, row] of listOf(entry['rows']).map(fieldsOf).entries()) {
    const rewards = listOf(row['rewards']);
    const first = next;
    next += rewards.length;
    const records = rewards.map((_, at) => recordAt(file, first + at, ledger)?.trajectory);
    const steps = new Set(records.map((record) => record?.step));
    ledger.check(['rows', index, 'step'], isDeepStrictEqual([...steps], [row['step']]), [...steps]);
    for (const [at, trajectory] of records.entries()) {
      const wanted = rewards[at];
      const zero = typeof wanted === 'number' ? wanted + 0 : wanted;
      ledger.compare(['rows', index, 'rewards', at], trajectory?.reward?.total, zero);
      ledger.compare(['rows', index, 'advantages', at], trajectory?.extras.get('advantages'));
    }
  }
  checkCount(file, next, ledger);
}
