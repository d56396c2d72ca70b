// A training run with the curves of the DeepEyes paper, and made-up rollouts that have its zoom counts and overlaps.
import { createHash } from 'node:crypto';
import { randomDraws } from '../../src/analysis/randomDraws';
import { figure3 } from './figure3';

/** A console log of verl, and the rollouts of its steps in this product's own format. */
export interface ZoomRun {
  readonly log: string;
  readonly rollouts: string;
}

/** On V*, of the steps that verl validates at: every sixteenth, and the last. */
const ACCURACY: Readonly<Record<number, number>> = {
  0: 0.712,
  16: 0.816,
  32: 0.869,
  48: 0.895,
  64: 0.884,
  79: 0.9,
};
const PICTURE = { width: 1600, height: 1000 };
/** What is to be found, in pixels of the picture: `[left, top, right, bottom]`. */
const TARGET = [740, 480, 860, 560] as const;
const AT = '2026-01-02T03:04:05.678Z';

type Draw = () => number;

function valuesOf(concept: string): readonly number[] {
  const curve = figure3().curves.find((one) => one.concept === concept);
  if (!curve) throw new Error(`the figure has no ${concept}`);
  return Array.from(curve.values);
}

/** A box of the target's size whose overlap with it, intersection over union, is `iou`. */
function boxOf(iou: number): number[] {
  const [left, top, right, bottom] = TARGET;
  const shift = Math.round(((right - left) * (1 - iou)) / (1 + iou));
  return [left + shift, top, right + shift, bottom];
}

function zoomEvents(t: number, turn: number, box: readonly number[]): object[] {
  const call = { name: 'image_zoom_in_tool', arguments: { bbox_2d: box } };
  const text = `<think>The sign is too small to read.</think><tool_call>${JSON.stringify(call)}</tool_call>`;
  const crop = { kind: 'blank', size: { width: 120, height: 80 } };
  return [
    { t, event: 'text', at: AT, turn, text },
    { t, event: 'toolCall', at: AT, turn, ...call },
    { t, event: 'observation', at: AT, turn, raw: '<tool_response><image></tool_response>', images: [crop] },
  ];
}

function rolloutEvents(t: number, step: number, draw: Draw, mean: number, iou: number): object[] {
  const zooms = Math.max(0, Math.round(mean + (draw() + draw() - 1) * 1.3));
  const isRight = draw() < 0.35 + iou;
  const question = `What does sign ${(t % 4) + 1} say?`;
  const key = createHash('sha256').update(`${step} ${question}`).digest('hex').slice(0, 12);
  const answer = isRight ? 'OPEN' : 'CLOSED';
  const looks = Array.from({ length: zooms }, (_, turn) => {
    const own = Math.min(0.95, Math.max(0.02, iou + (draw() - 0.5) * 0.16));
    return zoomEvents(t, turn, boxOf(own));
  });
  return [
    {
      ...{ t, event: 'start', at: AT, id: `${step}-${t}`, step, groundTruth: 'OPEN', boxes: [TARGET] },
      group: { key, provenance: 'uid' },
      prompt: { user: question, question, images: [{ kind: 'file', path: 'street.jpg', size: PICTURE }] },
    },
    ...looks.flat(),
    {
      t,
      event: 'text',
      at: AT,
      turn: zooms,
      text: `<think>I can read it.</think><answer>${answer}</answer>`,
    },
    { t, event: 'outcome', at: AT, status: 'finished', prediction: answer },
    { t, event: 'verdict', at: AT, correct: isRight, provenance: 'recomputed' },
  ];
}

/** Makes the run: the same text every time. */
export function zoomRun(perStep: number): ZoomRun {
  const [zooms, lengths, ious] = [valuesOf('zoomCount'), valuesOf('responseLength'), valuesOf('iou')];
  const { uniform: draw } = randomDraws(7);
  const log = zooms.map((mean, step) => {
    const accuracy = ACCURACY[step];
    const pairs = [
      `agent/tool_call_mean:${mean}`,
      `response_length/mean:${lengths[step]}`,
      ...(accuracy === undefined ? [] : [`val-core/vstar/acc/mean@1:${accuracy}`]),
    ];
    return `\u001b[36m(TaskRunner pid=207)\u001b[0m step:${step} - ${pairs.join(' - ')} - timing_s/step:4.5\n`;
  });
  const rollouts: object[] = [{ imcot: 1, writer: 'a made-up run', created: AT }];
  for (const [step, mean] of zooms.entries())
    for (let one = 0; one < perStep; one++)
      rollouts.push(...rolloutEvents(step * perStep + one, step, draw, mean, ious[step] ?? 0));
  return { log: log.join(''), rollouts: rollouts.map((event) => `${JSON.stringify(event)}\n`).join('') };
}
