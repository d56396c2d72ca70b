import type { ToolCall } from '../../trajectory/toolCall';

/*
 * Numbers as Python prints them, for the words of environments. JSON's `10.0` is a float in Python and keeps its
 * point, which a JavaScript number has lost: so the text of the call is asked.
 */

/** The four numbers of `bbox_2d` as they stand in the call's text; undefined when the text does not show them. */
export function wireNumbers(call: ToolCall): readonly string[] | undefined {
  const list = /"bbox_2d"\s*:\s*\[([^[\]]*)\]/.exec(call.text)?.[1];
  const tokens = list?.split(',').map((token) => token.trim());
  return tokens?.length === 4 && tokens.every((token) => token !== '' && Number.isFinite(Number(token)))
    ? tokens
    : undefined;
}

/** `repr` of a number that JSON spells like this. */
export function pythonNumber(token: string): string {
  return /[.eE]/.test(token) ? pythonFloat(Number(token)) : String(Number(token));
}

/** `repr` of a Python float: a point or an exponent always shows. Exponents start at 1e16 and below 1e-4. */
export function pythonFloat(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e16 || size < 1e-4)) {
    const [digits = '', exponent = ''] = value.toExponential().split('e');
    return `${digits}e${exponent[0] ?? '+'}${exponent.slice(1).padStart(2, '0')}`;
  }
  return Number.isInteger(value) ? `${Object.is(value, -0) ? '-0' : String(value)}.0` : String(value);
}

/** `repr` of a list of such numbers. */
export function pythonList(tokens: readonly string[]): string {
  return `[${tokens.map(pythonNumber).join(', ')}]`;
}
