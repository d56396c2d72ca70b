import type { RejectReason } from '../../trajectory/toolReport';
import type { ToolCall } from '../../trajectory/toolCall';
import type { ZoomVariant } from '../../trajectory/trajectory';
import type { BoxRefusal } from './fitBox';
import { pythonFloat, pythonList, pythonNumber, wireNumbers } from './pythonText';

/** What an error's words are made of. */
export interface CallFailure {
  readonly reason: RejectReason;
  readonly call: ToolCall;
  /** Where the box was refused. */
  readonly refusal?: BoxRefusal;
}

/**
 * The very words that the environment answers a failed call with, as the model reads them after `user\n`; undefined
 * where there are none (DeepEyes' evaluation stops with `status: error`), where they are not known, or where they can't
 * be told: other exceptions of Python have words that change with its version. Sources: see `ZOOM_RULES`.
 */
export function environmentError(variant: ZoomVariant, failure: CallFailure): string | undefined {
  switch (variant) {
    case 'evaluation':
    case 'qwen3Vl':
    case 'miniO3':
      return undefined;
    case 'verl':
      return verlWords(failure);
    case 'msSwift': {
      const words = swiftWords(failure);
      return words === undefined ? undefined : `Error: ${formatWords(failure.call, words)}`;
    }
    default: {
      const words = trainingWords(failure);
      if (words === undefined) return undefined;
      const wrapped = failure.reason === 'unparsable' && variant === 'trainingV2';
      return `Error: ${wrapped ? formatWords(failure.call, words) : words}`;
    }
  }
}

function formatWords(call: ToolCall, error: string): string {
  return `Invalid tool call format: ${call.text.trim()}. Error: ${error}`;
}

/** Words of what goes wrong before any box is looked at: the same wherever Python's own exceptions are shown. */
function commonWords({ reason, call }: CallFailure): string | undefined {
  if (call.status === 'unparsable') return call.error;
  if (reason === 'unknownTool') return `Unknown tool name: ${call.name}`;
  // A KeyError shows the missing key in quotes.
  if (reason === 'noBox' && !call.arguments.has('bbox_2d')) return "'bbox_2d'";
  if (reason === 'noAngle' && !call.arguments.has('angle')) return "'angle'";
  return undefined;
}

function trainingWords(failure: CallFailure): string | undefined {
  return failure.refusal ? 'ZOOM IN ARGUMENTS ARE INVALID' : commonWords(failure);
}

function swiftWords(failure: CallFailure): string | undefined {
  const { refusal, call } = failure;
  if (!refusal) return commonWords(failure);
  const { x1, y1, x2, y2 } = refusal.judged;
  const wire = wireNumbers(call);
  // A corner that clamping replaced is the image's own whole number there.
  const number = (value: number, index: number): string => {
    // Python's max(0, left) gives the whole number for 0.0 as well.
    if (index < 2 && value === 0) return '0';
    const token = wire?.[index];
    return token !== undefined && Number(token) === value ? pythonNumber(token) : String(value);
  };
  const [left, top, right, bottom] = [x1, y1, x2, y2].map(number);
  const corners = `left=${left}, top=${top}, right=${right}, bottom=${bottom}`;
  if (refusal.test === 'order') return `invalid shape for ${corners}`;
  if (refusal.test === 'aspect') return `aspect ratio error: ${corners}`;
  const side = (end: number, start: number, endText = '', startText = ''): string => {
    const isFloat = /[.e]/.test(endText) || /[.e]/.test(startText);
    return isFloat ? pythonFloat(end - start) : String(end - start);
  };
  return `height=${side(y2, y1, bottom, top)}, width=${side(x2, x1, right, left)} is too small`;
}

function verlWords({ reason, call, refusal }: CallFailure): string | undefined {
  if (call.status === 'unparsable') return undefined;
  const raw = call.arguments.get('bbox_2d');
  if (reason === 'noBox') {
    const missing = !Array.isArray(raw) || raw.length !== 4;
    return missing ? 'Error: bbox_2d parameter is missing or not a list of 4 numbers.' : undefined;
  }
  if (!refusal) return undefined;
  const box = pythonList(wireNumbers(call) ?? []);
  return `Error: The specified bounding box ${box} is invalid or results in a crop smaller than the minimum size of 28x28.`;
}
