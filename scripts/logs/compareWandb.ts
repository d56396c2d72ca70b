import { isDeepStrictEqual } from 'node:util';
import { parseJson } from '../../src/common/json';
import type { Comparison, Fields } from './comparison';
import { fieldsOf, listOf } from './comparison';
import type { Ledger, Path } from './ledger';
import { wantedNumber } from './numbers';
import type { ToldFile, ToldRow, ToldRun } from './told';
import { claimTexts, claimValue, leftValues } from './told';

/** Between the names of a nested key in expected.json. */
const NESTED = '\u001f';

/** W&B run files: history, console, system figures, configuration, summary, and how the run ended. */
export const wandbComparison: Comparison = {
  fits: (entry) => Array.isArray(entry['history']),
  compare: (entry, told, ledger) => {
    const [run] = told.runs;
    if (!run || told.runs.length > 1)
      return ledger.wrong(`${told.runs.length} runs in the file, one expected`);
    const history = run.rows.filter(({ step }) => step !== undefined);
    const stats = run.rows.filter(({ step }) => step === undefined);
    const wanted = listOf(entry['history']).map(fieldsOf);
    if (history.length !== wanted.length)
      ledger.wrong(`${history.length} rows of history, ${wanted.length} expected`);
    wanted.forEach((row, index) => compareHistory(row, ['history', index], history[index], ledger));
    compareConsole(entry, run, ledger);
    compareStats(entry, stats, ledger);
    compareRun(entry, run, ledger);
    compareFile(entry, told, ledger);
    for (const { what } of leftValues(history)) ledger.extra(what);
    for (const { what } of leftValues(stats)) ledger.extra(what, 'systemMetrics');
  },
};

const jsonOf = (text: unknown): unknown => {
  const parsed = parseJson(String(text));
  return parsed.ok ? parsed.value : undefined;
};

function compareHistory(fields: Fields, path: Path, row: ToldRow | undefined, ledger: Ledger): void {
  if (fields['step_num'] === null) ledger.except([...path, 'step_num'], 'recordStepAbsent');
  else ledger.compare([...path, 'step_num'], row?.step);
  const items = fieldsOf(fields['items']);
  const media = new Map<string, Fields>();
  for (const name of Object.keys(items)) {
    if (!name.endsWith(`${NESTED}_type`)) continue;
    const key = name.slice(0, -`${NESTED}_type`.length);
    media.set(key, fieldsOf(jsonOf(claimTexts(row, key.replaceAll(NESTED, '.'))?.[0])));
  }
  for (const [name, json] of Object.entries(items)) {
    const place = [...path, 'items', name];
    const wanted = jsonOf(json);
    const owner = [...media.keys()].find((key) => name.startsWith(`${key}${NESTED}`));
    if (name === '_step') ledger.compare(place, row?.step, wanted);
    else if (name === '_timestamp') ledger.compare(place, row?.wall, wanted);
    else if (owner !== undefined) {
      const got = media.get(owner)?.[name.slice(owner.length + 1).replaceAll(NESTED, '.')];
      ledger.check(place, isDeepStrictEqual(got, wanted), got);
    } else compareItem(name.replaceAll(NESTED, '.'), wanted, place, row, ledger);
  }
}

/** A value that may be a dictionary: then each of its values is told by itself, and all of them are the one leaf. */
function compareItem(
  key: string,
  wanted: unknown,
  place: Path,
  row: ToldRow | undefined,
  ledger: Ledger,
): void {
  const differences: unknown[] = [];
  const visit = (name: string, value: unknown): void => {
    const number = value === null ? NaN : typeof value === 'string' ? undefined : wantedNumber(value);
    if (number !== undefined) {
      const got = claimValue(row, name);
      if (!Object.is(got, number)) differences.push(got);
    } else if (typeof value === 'string') {
      const got = claimTexts(row, name)?.[0];
      if (got !== value) differences.push(got);
    } else if (Array.isArray(value) || Object.hasOwn(value as object, '_type')) {
      const got = jsonOf(claimTexts(row, name)?.[0]);
      if (!isDeepStrictEqual(got, value)) differences.push(got);
    } else for (const [inner, one] of Object.entries(value as object)) visit(`${name}.${inner}`, one);
  };
  if (wanted === undefined) differences.push('no JSON');
  else visit(key, wanted);
  ledger.check(place, differences.length === 0, differences[0]);
}

/** The lines of each stream in the order in which they ended. */
function consoleLines(pieces: readonly unknown[]): string[] {
  const open = new Map<unknown, string>();
  const lines: string[] = [];
  for (const piece of pieces) {
    const [stream, text] = listOf(piece);
    const parts = ((open.get(stream) ?? '') + String(text)).split('\n');
    open.set(stream, parts.pop() ?? '');
    lines.push(...parts);
  }
  return [...lines, ...[...open.values()].filter((rest) => rest !== '')];
}

function compareConsole(entry: Fields, run: ToldRun, ledger: Ledger): void {
  const pieces = listOf(entry['console']);
  const wanted = consoleLines(pieces);
  const told = run.texts.filter(([key]) => key === 'console').map(([, text]) => text);
  const isEqual = isDeepStrictEqual(told, wanted);
  pieces.forEach((_, index) => {
    ledger.except(['console', index, 0], 'consoleStream');
    ledger.check(
      ['console', index, 1],
      isEqual,
      told.find((line, at) => line !== wanted[at]),
    );
  });
}

function compareStats(entry: Fields, stats: readonly ToldRow[], ledger: Ledger): void {
  ledger.compare(['stats_records'], stats.length);
  if (entry['first_stats'] === null) return ledger.check(['first_stats'], stats.length === 0, stats.length);
  for (const [key, text] of Object.entries(fieldsOf(entry['first_stats'])))
    ledger.compare(['first_stats', key], claimValue(stats[0], `system/${key}`), Number(text));
}

function compareRun(entry: Fields, run: ToldRun, ledger: Ledger): void {
  const { run_id, display_name, project, config, ...others } = fieldsOf(entry['run']);
  const { id, name, group } = run.description;
  if (run_id !== undefined) ledger.compare(['run', 'run_id'], id);
  if (display_name !== undefined) ledger.compare(['run', 'display_name'], name);
  if (project !== undefined) ledger.compare(['run', 'project'], group);
  for (const key of Object.keys(others)) ledger.except(['run', key], 'wandbRunFacts');
  const compareAll = (fields: unknown, path: Path, isFirst: boolean, prefix = ''): void => {
    for (const [key, json] of Object.entries(fieldsOf(fields))) {
      if (prefix === '' && key.split(NESTED)[0] === '_wandb') {
        ledger.except([...path, key], 'wandbBookkeeping');
        continue;
      }
      const told = run.settings.filter(([told]) => told === prefix + key.replaceAll(NESTED, '.'));
      const got = (isFirst ? told[0] : told.at(-1))?.[1];
      ledger.check([...path, key], isDeepStrictEqual(got, jsonOf(json)), got);
    }
  };
  compareAll(config, ['run', 'config'], true);
  compareAll(entry['config_updates'], ['config_updates'], false);
  compareAll(entry['summary'], ['summary'], false, 'summary/');
  if ('exit_code' in entry)
    ledger.check(
      ['exit_code'],
      run.states.at(-1) === (entry['exit_code'] === 0 ? 'finished' : 'failed'),
      run.states.at(-1),
    );
  else if (run.states.at(-1) !== 'running') ledger.wrong(`state ${run.states.at(-1)}: no exit is recorded`);
}

function compareFile(entry: Fields, told: ToldFile, ledger: Ledger): void {
  if ('bytes' in entry) ledger.compare(['bytes'], told.size);
  if ('bad_crc' in entry) ledger.compare(['bad_crc'], told.damages.length);
  if ('intended' in entry) ledger.except(['intended'], 'givenToWriter');
  if ('metrics' in entry) ledger.except(['metrics'], 'metricDefinitions');
  for (const key of ['records', 'kinds', 'history_item_forms'])
    if (key in entry) ledger.except([key], 'describesWriting');
  if ('note' in entry) ledger.except(['note'], 'noteOnly');
}
