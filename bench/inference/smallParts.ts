import type { SamplingParameters } from '../../src/inference/backend';
import type { Checkpoint } from '../../src/inference/onnx/checkpoint/checkpoint';
import { prepareImage } from '../../src/inference/onnx/processor/imageProcessor';
import { Sampler } from '../../src/inference/sampling';
import { TokenHistory } from '../../src/inference/tokenHistory';
import { median, milliseconds, type BenchResult, type Measurement } from '../harness';
import { promptIds } from './answers';

const VOCABULARY = 151_936;
const ROUNDS = 30;
const HISTORY = 4096;

const RELEASED: SamplingParameters = {
  temperature: 0.7,
  topK: 20,
  topP: 0.8,
  repetitionPenalty: 1.05,
  seed: 1,
};

const SETTINGS: readonly (readonly [string, SamplingParameters, number])[] = [
  ['greedy', { temperature: 0 }, 0],
  ['greedy with 20 alternatives', { temperature: 0 }, 20],
  ['temperature 1', { temperature: 1, seed: 1 }, 0],
  ['temperature 0.7, top-k 20, top-p 0.8, penalty 1.05', RELEASED, 0],
  ['the same over flat logits, top-k 0', { ...RELEASED, topK: 0 }, 0],
];

/** What this program itself does per token and per picture, beside the model. */
export async function benchSmallParts(checkpoint: Checkpoint): Promise<BenchResult> {
  const measurements: Measurement[] = [];
  for (const [what, parameters, topCount] of SETTINGS) {
    const spread = what.includes('flat') ? 0.01 : 3;
    measurements.push({
      what: `sampling, ${what}`,
      value: await sampling(parameters, topCount, spread),
      unit: 'ms a token',
    });
  }
  const { imageProcessor, vision } = checkpoint.config;
  for (const [width, height] of [
    [448, 448],
    [1932, 1092],
    [4000, 3000],
  ] as const) {
    const data = new Uint8Array(width * height * 3);
    for (let at = 0; at < data.length; at++) data[at] = (Math.imul(at, 2654435761) >>> 24) & 255;
    const times: number[] = [];
    let tokens = 0;
    for (let round = 0; round <= 3; round++) {
      const taken = await milliseconds(async () => {
        ({ tokens } = await prepareImage({ width, height, data }, imageProcessor, vision));
      });
      if (round > 0) times.push(taken);
    }
    const what = `preparing a picture of ${width} x ${height}, ${tokens} visual tokens`;
    measurements.push({ what, value: median(times), unit: 'ms' });
  }
  return {
    name: 'Beside the model: sampling and pictures',
    how: [
      `Logits of ${VOCABULARY} tokens; log-probability and entropy of the plain distribution included; ${HISTORY} tokens in the sequence. Median of ${ROUNDS}.`,
      'Pictures of noise, from pixels in memory to what the vision tower takes: resized, normalised, cut. Median of 3.',
    ],
    ratios: [],
    measurements,
  };
}

async function sampling(parameters: SamplingParameters, topCount: number, spread: number): Promise<number> {
  const history = new TokenHistory();
  history.addAll(promptIds(HISTORY));
  const sampler = new Sampler(parameters);
  const noise = promptIds(VOCABULARY);
  const times: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const logits = Float32Array.from(noise, (value, at) => {
      const uniform = ((value * 7919 + at * 31 + round * 104_729) % 1_000_003) / 1_000_003;
      // Logistic: heavier in its tails than a normal distribution, as logits are.
      return spread * Math.log((uniform + 1e-6) / (1 - uniform + 1e-6));
    });
    const taken = await milliseconds(() => sampler.next(logits, history, topCount));
    if (round > 0) times.push(taken);
  }
  return median(times);
}
