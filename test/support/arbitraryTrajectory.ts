import fc from 'fast-check';
import type { BoundingBox } from '../../src/common/boundingBox';
import type { ImageReference } from '../../src/trajectory/imageReference';
import { parseTurn } from '../../src/trajectory/parseTurn';
import type { ToolCall } from '../../src/trajectory/toolCall';
import type { Outcome, TokenTrack, Trajectory } from '../../src/trajectory/trajectory';
import type { ModelPart, ObservationPart, Turn } from '../../src/trajectory/turn';
import { codecs } from './readRecords';

/** An object without the properties that are undefined, as the model wants it. */
function present<T extends object>(value: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(value).filter(([, held]) => held !== undefined)) as T;
}

const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });
const number = fc.oneof(fc.double(), fc.constantFrom(0, -0, 1, NaN, Infinity, -Infinity));
const count = fc.nat({ max: 5000 });
const text = fc.string({ unit: 'binary', maxLength: 12 });
const size = fc.record({ width: count, height: count }, { noNullPrototype: true });
const span = fc.tuple(count, count).map(([start, length]) => ({ start, end: start + length }));
const pairs = fc
  .array(fc.tuple(text, fc.jsonValue({ maxDepth: 3 })), { maxLength: 4 })
  .map((entries) => new Map(entries.map(([key, value]) => [key, structuredClone(value)] as const)));

const SAMPLES = [1, 2, 3].map((seed) => Uint8Array.from({ length: 9 * seed }, (_, index) => index * seed));

const image: fc.Arbitrary<ImageReference> = fc
  .record({
    about: fc.oneof(
      text.map((path) => ({ kind: 'file' as const, path })),
      fc.constantFrom(...SAMPLES).map((bytes) => ({
        kind: 'inline' as const,
        hash: codecs.sha256(bytes),
        mediaType: 'image/png',
      })),
      fc.constant({ kind: 'blank' as const }),
    ),
    size: maybe(size),
    visualTokens: maybe(count),
  })
  .map(({ about, ...rest }) => present<ImageReference>({ ...about, ...rest }));

const box: fc.Arbitrary<BoundingBox> = fc
  .tuple(...([1, 2, 3, 4] as const).map(() => fc.double({ noNaN: true, noDefaultInfinity: true })))
  .map(([x1 = 0, y1 = 0, x2 = 0, y2 = 0]) => ({ x1, y1, x2, y2 }));

const call: fc.Arbitrary<ToolCall> = fc.oneof(
  fc.record({ text, error: text }).map((rest) => ({ status: 'unparsable' as const, ...rest })),
  fc
    .record({ text, name: text, arguments: pairs, box: maybe(box), label: maybe(text), angle: maybe(number) })
    .map((rest) => present<ToolCall>({ status: 'parsed' as const, ...rest })),
);

const part: fc.Arbitrary<ModelPart> = fc
  .record({
    about: fc.oneof(
      fc.constantFrom(...(['text', 'thought', 'answer'] as const)).map((kind) => ({ kind })),
      fc.record({ call, acted: fc.boolean() }).map((rest) => ({ kind: 'toolCall' as const, ...rest })),
    ),
    range: span,
    text,
    closed: fc.boolean(),
    tokens: maybe(span),
  })
  .map(({ about, ...rest }) => present<ModelPart>({ ...about, ...rest } as ModelPart));

const TAGS = ['<think>', '</think>', '<tool_call>', '</tool_call>', '<answer>', '</answer>', '<|im_end|>'];
const modelText = fc
  .array(
    fc.oneof(
      text,
      fc.constantFrom(...TAGS, '{"name": "image_zoom_in_tool", "arguments": {"bbox_2d": [1, 2, 3, 4]}}'),
    ),
  )
  .map((pieces) => pieces.join(''));

const observation: fc.Arbitrary<ObservationPart> = fc
  .record({
    raw: text,
    images: fc.array(image, { maxLength: 3 }),
    text,
    error: maybe(text),
    tokens: maybe(span),
  })
  .map((rest) => present<ObservationPart>({ kind: 'observation' as const, ...rest }));

const turn: fc.Arbitrary<Turn> = fc
  .record({
    raw: modelText,
    parts: maybe(fc.array(part, { maxLength: 4 })),
    observation: maybe(observation),
    recovered: fc.constantFrom(true, undefined),
  })
  .map(({ parts, ...rest }) =>
    present<Turn>({ ...rest, parts: parts ?? parseTurn(rest.raw, 'trainingV2').parts }),
  );

const outcome: fc.Arbitrary<Outcome> = fc
  .record({
    status: fc.constantFrom('finished', 'error', 'cancelled', 'length', 'turnLimit'),
    reason: maybe(text),
  })
  .map((value) => present<Outcome>(value as Outcome));

const tokens: fc.Arbitrary<TokenTrack> = fc.nat({ max: 6 }).chain((length) => {
  const list = <T>(value: fc.Arbitrary<T>) => fc.array(value, { minLength: length, maxLength: length });
  return fc
    .record({
      texts: list(text),
      actionMask: list(fc.boolean()),
      logProbabilities: maybe(list(number)),
      referenceLogProbabilities: maybe(list(number)),
      rewards: maybe(list(number)),
      values: maybe(list(number)),
    })
    .map((value) => present<TokenTrack>(value));
});

const provenance = fc.constantFrom('stored' as const, 'recovered' as const, 'recomputed' as const);
const rewardPart = fc
  .record({ name: text, value: number, weight: maybe(number), provenance })
  .map((value) => present<{ name: string; value: number; provenance: 'stored' }>(value as never));

const trajectory: fc.Arbitrary<Trajectory> = fc
  .record({
    id: maybe(text),
    prompt: fc
      .record({
        system: maybe(text),
        user: text,
        question: text,
        images: fc.array(image, { maxLength: 3 }),
        raw: maybe(text),
      })
      .map((value) => present<Trajectory['prompt']>(value)),
    turns: fc.array(turn, { maxLength: 4 }),
    outcome,
    prediction: maybe(text),
    groundTruth: maybe(text),
    groundTruthBoxes: maybe(fc.array(box, { maxLength: 3 })),
    verdict: maybe(fc.record({ correct: fc.boolean(), provenance }, { noNullPrototype: true })),
    reward: maybe(
      fc
        .record({
          total: maybe(number),
          parts: fc.array(rewardPart, { maxLength: 3 }),
          formula: maybe(text),
          candidates: maybe(fc.array(text, { maxLength: 2 })),
        })
        .map((value) => present<NonNullable<Trajectory['reward']>>(value)),
    ),
    group: maybe(
      fc.record(
        { key: text, provenance: fc.constantFrom('uid' as const, 'derived' as const) },
        { noNullPrototype: true },
      ),
    ),
    step: maybe(count),
    split: maybe(text),
    frame: fc.constantFrom('original', 'resized', 'relative1000', 'relative1'),
    zoomVariant: fc.constantFrom(
      'trainingV2',
      'trainingV5',
      'evaluation',
      'verl',
      'msSwift',
      'qwen3Vl',
      'miniO3',
    ),
    tokens: maybe(tokens),
    extras: pairs,
  })
  .map((value) =>
    present<Trajectory>({
      origin: { file: 'x.jsonl', index: 0, bytes: { start: 0, end: 0 } },
      ...value,
    } as Trajectory),
  );

/** A trajectory with anything in it, and the bytes of its inline images. */
export const anyTrajectory = trajectory.map((value) => {
  const used = [
    ...value.prompt.images,
    ...value.turns.flatMap((entry) => entry.observation?.images ?? []),
  ].flatMap((entry) => (entry.kind === 'inline' ? [entry.hash] : []));
  const images = new Map(
    SAMPLES.map((bytes) => [codecs.sha256(bytes), bytes] as const).filter(([hash]) => used.includes(hash)),
  );
  return { trajectory: value, images };
});
