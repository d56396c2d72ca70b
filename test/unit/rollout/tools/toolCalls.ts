import { boxFromArray } from '../../../../src/common/boundingBox';
import type { ToolCall } from '../../../../src/trajectory/toolCall';
import { ROTATE_TOOL, ZOOM_TOOL } from '../../../../src/trajectory/toolCall';

type ParsedCall = Extract<ToolCall, { status: 'parsed' }>;

/** A zoom call as it is on the wire. */
export function zoomCall(numbers: readonly number[]): ParsedCall {
  const text = `{"name": "${ZOOM_TOOL}", "arguments": {"bbox_2d": [${numbers.join(', ')}]}}`;
  const box = boxFromArray(numbers);
  return {
    status: 'parsed',
    text,
    name: ZOOM_TOOL,
    arguments: new Map([['bbox_2d', numbers]]),
    ...(box && { box }),
  };
}

/** A rotate call; without an angle when there is none. */
export function rotateCall(angle?: number): ParsedCall {
  const text = `{"name": "${ROTATE_TOOL}", "arguments": ${JSON.stringify({ angle })}}`;
  const call: ParsedCall = { status: 'parsed', text, name: ROTATE_TOOL, arguments: new Map() };
  return angle === undefined ? call : { ...call, arguments: new Map([['angle', angle]]), angle };
}
