import * as vscode from 'vscode';
import { ImcotError } from '../../common/errors';
import type { RolloutChoices } from '../../launch/rolloutChoices';

/** What a caller of a run command gives; whatever is absent the person is asked for, or its default holds. */
export interface RunArguments {
  readonly image?: vscode.Uri;
  readonly question?: string;
  /** Id or label of a model. */
  readonly model?: string;
  readonly choices: RolloutChoices;
  /** Rollouts, from 1. */
  readonly count?: number;
  /** True when settings were given, so that the person is not asked for them. */
  readonly settled: boolean;
}

const MOST_ROLLOUTS = 1000;

/**
 * Reads a command's argument: a resource, as menus pass it, or an object with `image` (a resource or an absolute path),
 * `question`, `model`, `n`, `temperature`, `seed`, `maxTurns`, `maxTokens`, `tools`.
 * @throws ImcotError `usage` for a value that is not what it may be
 */
export function readRunArguments(argument: unknown): RunArguments {
  if (argument instanceof vscode.Uri) return { image: argument, choices: {}, settled: false };
  if (typeof argument !== 'object' || argument === null) return { choices: {}, settled: false };
  const given = new Map<string, unknown>(Object.entries(argument));
  const image = imageOf(given.get('image'));
  const question = textOf(given, 'question');
  const model = textOf(given, 'model');
  const count = numberOf(given, 'n', 1, MOST_ROLLOUTS, true);
  const numbers = {
    temperature: numberOf(given, 'temperature', 0, 2, false),
    seed: numberOf(given, 'seed', 0, 2 ** 31 - 1, true),
    maxTurns: numberOf(given, 'maxTurns', 1, 100, true),
    maxTokens: numberOf(given, 'maxTokens', 1, 100_000, true),
  };
  const known = Object.entries(numbers).filter(([, value]) => value !== undefined);
  const tools = given.get('tools');
  if (tools !== undefined && typeof tools !== 'boolean') throw wrong('tools', 'true or false');
  const choices = { ...Object.fromEntries(known), ...(tools !== undefined && { tools }) };
  return {
    ...(image && { image }),
    ...(question !== undefined && { question }),
    ...(model !== undefined && { model }),
    ...(count !== undefined && { count }),
    choices,
    settled: known.length > 0 || tools !== undefined || count !== undefined,
  };
}

function imageOf(value: unknown): vscode.Uri | undefined {
  if (value === undefined || value instanceof vscode.Uri) return value;
  if (typeof value === 'string' && value !== '') return vscode.Uri.file(value);
  throw wrong('image', 'a resource or an absolute path');
}

function textOf(given: ReadonlyMap<string, unknown>, name: string): string | undefined {
  const value = given.get(name);
  if (value === undefined || (typeof value === 'string' && value.trim() !== '')) return value;
  throw wrong(name, 'a text');
}

function numberOf(
  given: ReadonlyMap<string, unknown>,
  name: string,
  least: number,
  most: number,
  whole: boolean,
): number | undefined {
  const value = given.get(name);
  if (value === undefined) return undefined;
  const fits = typeof value === 'number' && value >= least && value <= most;
  if (fits && (!whole || Number.isInteger(value))) return value;
  throw wrong(name, `a ${whole ? 'whole ' : ''}number from ${least} to ${most}`);
}

function wrong(name: string, wanted: string): ImcotError {
  return new ImcotError('usage', `"${name}" of the command must be ${wanted}.`);
}
