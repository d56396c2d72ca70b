import { ImcotError } from '../common/errors';
import type { SamplingParameters } from './backend';
import type { LikelyToken } from './logits';
import { greedyChoice, logProbabilityOf, summarizeLogits, topChoices } from './logits';
import type { RandomNumbers } from './randomNumbers';
import { freshSeed, seededNumbers } from './randomNumbers';
import type { Cuts } from './samplingDraw';
import { drawToken } from './samplingDraw';
import type { TokenHistory } from './tokenHistory';

/** The next token, and what the model's plain distribution (no temperature, no penalty) says. */
export interface SampledToken {
  readonly id: number;
  /** Natural logarithm of its probability. */
  readonly logProbability: number;
  /** In nats. */
  readonly entropy: number;
  /** The most likely tokens, best first; empty when none were asked for. */
  readonly top: readonly LikelyToken[];
}

// Smaller ones overflow float32 when a logit is divided by them.
const LEAST_TEMPERATURE = 1e-30;

/**
 * Chooses tokens as Hugging Face transformers does, in its order: repetition penalty, what is excluded (`suppress_tokens`
 * there), then temperature, top-k, top-p, min-p. Penalty and temperature are float32 arithmetic there and here, so the scores are the same to the bit.
 * One sampler serves one generation: it takes one number of its generator per token drawn.
 */
export class Sampler {
  /** What its random numbers follow from; absent at temperature 0, which draws none. */
  readonly seed?: number;
  private readonly numbers?: RandomNumbers;
  private readonly penalty: number;
  private readonly cuts: Cuts;
  private scratch = new Float32Array(0);

  /**
   * @param excluded ids that are never chosen, however likely; ids that the model does not have are none
   * @throws ImcotError `usage` naming the parameter that is out of its range
   */
  constructor(
    private readonly parameters: SamplingParameters,
    private readonly excluded: readonly number[] = [],
  ) {
    checkParameters(parameters);
    this.penalty = parameters.repetitionPenalty ?? 1;
    this.cuts = cutsOf(parameters);
    if (parameters.temperature > 0) {
      this.seed = parameters.seed ?? freshSeed();
      this.numbers = seededNumbers(this.seed);
    }
  }

  /**
   * The token that follows.
   *
   * @param logits of the last position, one per row of the model's vocabulary; left as they are
   * @param seen every id of the sequence, prompt and images included; the chosen id is not added to it
   * @param topCount how many alternatives to report
   * @throws ImcotError `internal` when a logit is not a finite number
   */
  next(logits: Float32Array, seen: TokenHistory, topCount = 0): SampledToken {
    const summary = summarizeLogits(logits);
    const scores = this.scoresOf(logits, seen);
    const id =
      this.numbers === undefined
        ? scores === logits
          ? summary.best
          : greedyChoice(scores)
        : drawToken(scores, this.cuts, this.numbers.uniform());
    return {
      id,
      logProbability: logProbabilityOf(logits, id, summary),
      entropy: summary.entropy,
      top: topChoices(logits, topCount, summary),
    };
  }

  /** The logits themselves where nothing changes them. */
  private scoresOf(logits: Float32Array, seen: TokenHistory): Float32Array {
    const temperature = this.parameters.temperature || 1;
    if (this.penalty === 1 && temperature === 1 && this.excluded.length === 0) return logits;
    if (this.scratch.length !== logits.length) this.scratch = new Float32Array(logits.length);
    const scores = this.scratch;
    scores.set(logits);
    if (this.penalty !== 1) penalize(scores, seen, this.penalty);
    for (const id of this.excluded) scores[id] = -Infinity;
    if (temperature !== 1) scale(scores, temperature);
    return scores;
  }
}

/** Each id that occurs counts once, however often: positive scores are divided, negative ones multiplied. */
function penalize(scores: Float32Array, seen: TokenHistory, penalty: number): void {
  const factor = Math.fround(penalty);
  for (const id of seen.distinct()) {
    const score = scores[id];
    if (score !== undefined) scores[id] = score < 0 ? score * factor : score / factor;
  }
}

function scale(scores: Float32Array, temperature: number): void {
  const divisor = Math.fround(temperature);
  for (let id = 0; id < scores.length; id++) scores[id] = (scores[id] ?? 0) / divisor;
}

function cutsOf({ topK, topP, minP }: SamplingParameters): Cuts {
  return {
    ...(topK !== undefined && topK > 0 && { topK }),
    ...(topP !== undefined && topP < 1 && { topP }),
    ...(minP !== undefined && minP > 0 && { minP }),
  };
}

function checkParameters(parameters: SamplingParameters): void {
  const { temperature, topK, topP, minP, repetitionPenalty } = parameters;
  demand(
    temperature === 0 || (temperature >= LEAST_TEMPERATURE && Number.isFinite(temperature)),
    `temperature must be 0 (greedy) or a positive number, not ${temperature}`,
  );
  demand(
    topK === undefined || (Number.isSafeInteger(topK) && topK >= 0),
    `topK must be a whole number, 0 for all, not ${topK}`,
  );
  demand(topP === undefined || (topP > 0 && topP <= 1), `topP must lie above 0 and up to 1, not ${topP}`);
  demand(minP === undefined || (minP >= 0 && minP <= 1), `minP must lie from 0 to 1, not ${minP}`);
  demand(
    repetitionPenalty === undefined || (repetitionPenalty > 0 && Number.isFinite(repetitionPenalty)),
    `repetitionPenalty must be a positive number, not ${repetitionPenalty}`,
  );
}

function demand(fits: boolean, sentence: string): void {
  if (!fits) throw new ImcotError('usage', `The sampling parameter ${sentence}.`);
}
