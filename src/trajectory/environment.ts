import { boxFromArray } from '../common/boundingBox';
import type { ParsedValue } from './jsonText';
import { parsePythonJson } from './jsonText';
import { parsePythonLiteral } from './pythonLiteral';
import type { ToolCall } from './toolCall';

/**
 * Whose rules cut a turn.
 *
 * - `trainingV2`: `visual_toolbox_v2`, the released training environment
 * - `trainingV5`: `visual_toolbox_v5`, several calls per turn
 * - `evaluation`: DeepEyes' evaluation scripts
 */
export type TurnSemantics = 'trainingV2' | 'trainingV5' | 'evaluation';

/** Calls of one turn that `visual_toolbox_v5` runs; later ones are dropped. Source: its `max_action_per_turn`. */
export const MAX_CALLS_PER_TURN_V5 = 3;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Words of Python's TypeError when something else than a dictionary is asked for a key. */
function notAnObject(value: unknown): string {
  if (Array.isArray(value)) return 'list indices must be integers or slices, not str';
  if (typeof value === 'string') return "string indices must be integers, not 'str'";
  const type = value === null ? 'NoneType' : typeof value === 'boolean' ? 'bool' : 'int';
  return `'${type}' object is not subscriptable`;
}

function describeCall(text: string, parsed: ParsedValue, needsName: boolean): ToolCall {
  if (!parsed.ok) return { status: 'unparsable', text, error: parsed.error };
  if (!isObject(parsed.value)) return { status: 'unparsable', text, error: notAnObject(parsed.value) };
  const { name } = parsed.value;
  if (typeof name !== 'string' && needsName) return { status: 'unparsable', text, error: "'name'" };
  const given = parsed.value['arguments'];
  const args = new Map<string, unknown>(isObject(given) ? Object.entries(given) : []);
  const box = boxFromArray(args.get('bbox_2d'));
  const label = args.get('label');
  const angle = args.get('angle');
  return {
    status: 'parsed',
    text,
    name: typeof name === 'string' ? name : '',
    arguments: args,
    ...(box && { box }),
    ...(typeof label === 'string' && { label }),
    ...(typeof angle === 'number' && { angle }),
  };
}

/**
 * Reads what stands between the tags as the environment does: training with `json.loads`, evaluation with Python's
 * `eval`, which takes single quotes, None, tuples and trailing commas and knows no `null` (and never asks for the
 * name, so a call without one is still a call there). Both strip the text first. Never throws.
 */
export function readToolCall(text: string, environment: TurnSemantics): ToolCall {
  const stripped = text.trim();
  return environment === 'evaluation'
    ? describeCall(text, parsePythonLiteral(stripped), false)
    : describeCall(text, parsePythonJson(stripped), true);
}
