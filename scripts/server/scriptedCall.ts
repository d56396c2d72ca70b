/** A stream's chunk as the server sends it; only what is touched is named. */
export interface StreamChunk {
  choices?: {
    index?: number;
    delta?: Record<string, unknown>;
    finish_reason?: string | null;
  }[];
  [field: string]: unknown;
}

/** A call that is put into an answer. */
export interface ScriptedCall {
  /** From 1; stands in the label, by which it is found again. */
  readonly serial: number;
  /** In pixels of the picture, longer than 30 on each side. */
  readonly box: readonly [number, number, number, number];
  /** As text that the model would have written, or as `transformers serve` reports a call that it took out of the text. */
  readonly form: 'text' | 'field';
}

const LABEL = 'scripted call';
/** Boxes with a side of 30 or less are refused. */
const SHORTEST_SIDE = 31;

/** Names a call in its label. */
export const labelOf = (serial: number): string => `${LABEL} ${serial}`;

/** The serials of the scripted calls in a text. */
export function serialsIn(text: string): number[] {
  return [...text.matchAll(/"label": ?"scripted call (\d+)"/g)].map(([, serial]) => Number(serial));
}

/** A box within a picture; another one for each serial. */
export function scriptedCall(
  serial: number,
  size: { readonly width: number; readonly height: number },
): ScriptedCall {
  const [left, right] = within(size.width, serial * 7);
  const [top, bottom] = within(size.height, serial * 5);
  return { serial, box: [left, top, right, bottom], form: serial % 2 === 0 ? 'text' : 'field' };
}

function within(side: number, step: number): [number, number] {
  const length = SHORTEST_SIDE + (step % (side - SHORTEST_SIDE));
  const start = (step * 3) % (side - length + 1);
  return [start, start + length];
}

/** The chunks that say the call, in the shape of the answer that they are put into. */
export function callChunks(call: ScriptedCall, like: StreamChunk): StreamChunk[] {
  const given = { bbox_2d: call.box, label: labelOf(call.serial) };
  const name = 'image_zoom_in_tool';
  // Counts stand in the last chunk alone.
  const { usage: _usage, ...head } = like;
  const chunk = (delta: Record<string, unknown>): StreamChunk => ({
    ...head,
    choices: [{ index: 0, delta, finish_reason: null }],
  });
  if (call.form === 'field') {
    const told = { name, arguments: JSON.stringify(given).replaceAll('":', '": ') };
    return [
      chunk({ tool_calls: [{ index: 0, id: `call_${call.serial}`, type: 'function', function: told }] }),
    ];
  }
  const json = JSON.stringify({ name, arguments: given }).replaceAll('":', '": ');
  // In pieces, so that they end in the middle of tags and numbers.
  const pieces = `<tool_call>\n${json}\n</tool_call>`.match(/[^]{1,7}/g) ?? [];
  return pieces.map((content) => chunk({ content }));
}
