import { closeSync, existsSync, ftruncateSync, openSync, renameSync, writeSync } from 'node:fs';

const WORDS =
  'the red cup on left of a small sign reads there is zoom in region look closely at answer'.split(' ');

/** Numbers in [0, 1) that a seed determines: a linear congruential generator. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const list = (values: readonly (string | number)[]): string =>
  `[${values.map((value) => (typeof value === 'string' ? JSON.stringify(value) : String(value))).join(', ')}]`;

/** One line as the RL Logging Board writer of DeepEyes' trainer writes it: Python's separators, pads expanded. */
function rolloutLine(random: () => number, step: number): string {
  const pads = (count: number): string => `<|vision_start|>${'<|image_pad|>'.repeat(count)}<|vision_end|>`;
  const tokens: string[] = [];
  const turns = 1 + Math.floor(random() * 3);
  for (let turn = 0; turn < turns; turn++) {
    const words = 60 + Math.floor(random() * 160);
    tokens.push('<think>');
    for (let i = 0; i < words; i++) tokens.push(` ${WORDS[Math.floor(random() * WORDS.length)]}`);
    tokens.push('</think>');
    if (turn < turns - 1)
      tokens.push('<tool_call>', '{"name": "image_zoom_in_tool"}', '</tool_call>', '<|im_end|>');
  }
  const prompt = `<|im_start|>user\n${pads(150 + Math.floor(random() * 250))}\nWhat colour is the cup?<|im_end|>\n`;
  const logProbabilities = tokens.map(() => -random() * 3);
  return (
    `{"step": ${step}, "prompt": ${JSON.stringify(prompt)}, "response": ${JSON.stringify(tokens.join(''))}, ` +
    `"response_tokens": ${list(tokens)}, "logprobs": ${list(logProbabilities)}, ` +
    `"token_rewards": ${list(tokens.map(() => '0.0')).replaceAll('"', '')}, "values": ${list(logProbabilities)}, ` +
    `"reward": ${random() < 0.5 ? 0.8 : 0}, "ground_truth": "red"}\n`
  );
}

function metricLine(random: () => number, step: number): string {
  const number = (): string => (random() * 2 - 1).toFixed(9);
  return (
    `{"step": ${step}, "data": {"actor/entropy_loss": ${number()}, "actor/pg_loss": ${number()}, ` +
    `"critic/score/mean": ${number()}, "response_length/mean": ${number()}, "lr": 1e-06}}\n`
  );
}

/** Writes `lines` again and again, each time in another order, until the file has `bytes` bytes. */
function writeLines(file: string, lines: readonly string[], bytes: number): void {
  const random = randomFrom(99);
  const pieces = lines.map((line) => Buffer.from(line) as Uint8Array);
  const fd = openSync(`${file}.part`, 'w');
  let batch: Uint8Array[] = [];
  let size = 0;
  let total = 0;
  while (total < bytes) {
    const piece = pieces[Math.floor(random() * pieces.length)] as Uint8Array;
    batch.push(piece);
    size += piece.length;
    if (size < 4 * 2 ** 20 && total + size < bytes) continue;
    total += writeSync(fd, Buffer.concat(batch) as Uint8Array);
    batch = [];
    size = 0;
  }
  closeSync(fd);
  renameSync(`${file}.part`, file);
}

const rolloutLines = (): string[] => {
  const random = randomFrom(1);
  return Array.from({ length: 500 }, (_, i) => rolloutLine(random, i >> 3));
};

/** About 20 KB a line. Left alone when it is there already. */
export function makeRolloutLog(file: string, bytes: number): void {
  if (!existsSync(file)) writeLines(file, rolloutLines(), bytes);
}

/** About 174 bytes a line. */
export function makeMetricLog(file: string, bytes: number): void {
  if (existsSync(file)) return;
  const random = randomFrom(2);
  writeLines(
    file,
    Array.from({ length: 20_000 }, (_, i) => metricLine(random, i)),
    bytes,
  );
}

/** Real lines at the beginning and at the end; between them a hole that takes no room on the disk and reads as NUL. */
export function makeSparseLog(file: string, bytes: number): void {
  if (existsSync(file)) return;
  const lines = Buffer.from(rolloutLines().join('')) as Uint8Array;
  const fd = openSync(file, 'w');
  writeSync(fd, lines, 0, lines.length, 0);
  ftruncateSync(fd, bytes - lines.length);
  // The hole is one line of NUL, which ends here.
  writeSync(fd, '\n', bytes - lines.length - 1);
  writeSync(fd, lines, 0, lines.length, bytes - lines.length);
  closeSync(fd);
}
