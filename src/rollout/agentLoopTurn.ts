import { throwIfCancelled } from '../common/cancel';
import { ImcotError } from '../common/errors';
import type { GenerateOptions, GenerationEvent, Sequence } from '../inference/backend';
import type { CallRunner } from './agentLoopCalls';
import type { RolloutPlan, RolloutRun } from './agentLoopPlan';
import type { ReadTurn } from './protocols/protocol';
import type { RolloutEnd, RolloutEvent } from './rolloutEvents';

type Events<T> = AsyncGenerator<RolloutEvent, T, undefined>;

/** What the model said in a turn. */
interface Spoken {
  readonly raw: string;
  /** Tokens that it took. */
  readonly tokens: number;
  readonly reason: Extract<GenerationEvent, { type: 'end' }>['reason'];
  readonly seed?: number;
}

/** Plays the turns of one rollout, one after the other. */
export class TurnPlayer {
  constructor(
    private readonly plan: RolloutPlan,
    private readonly run: RolloutRun,
    private readonly sequence: Sequence,
    private readonly calls: CallRunner,
  ) {}

  /** One turn: what is said, what is done, what comes back. Returns the end when this was the last. */
  async *play(turn: number): Events<RolloutEnd | undefined> {
    const { protocol, signal } = this.run;
    throwIfCancelled(signal);
    const spoken = yield* this.speak(turn);
    const read = protocol.readTurn(spoken.raw);
    const { parts } = read;
    yield { type: 'turn', turn, parts, writesParts: protocol.writesParts === true, ...spoken };
    const cutOff = this.endOfSpeech(spoken);
    if (cutOff) return cutOff;
    const end = this.endOfTurn(read, spoken.raw, turn);
    if (!protocol.acts || read.acted.length === 0) return end;
    const endOfCalls = yield* this.calls.act(read.acted, turn, end !== undefined);
    if (!endOfCalls) return end;
    // The evaluation's prediction is the last text, whatever became of its call.
    return protocol.evaluates ? { ...endOfCalls, prediction: read.answer ?? spoken.raw } : endOfCalls;
  }

  private async *speak(turn: number): Events<Spoken> {
    let raw = '';
    let tokens = 0;
    for await (const event of this.sequence.generate(this.generateOptions(turn))) {
      raw += event.text;
      if (event.type === 'end') {
        const { text, reason, seed } = event;
        if (text !== '') yield { type: 'text', turn, text };
        return { raw, tokens, reason, ...(seed !== undefined && { seed }) };
      }
      tokens++;
      yield { ...event, type: 'text', turn };
    }
    throw new ImcotError('internal', 'The model stopped without saying why.');
  }

  private generateOptions(turn: number): GenerateOptions {
    const { settings, signal } = this.run;
    const { sampling, topCount } = settings;
    const { limits, totalTokens, stopStrings } = this.plan;
    const room = Math.max(0, totalTokens - this.sequence.length);
    return {
      // Each turn draws other numbers, and the same ones in every run.
      sampling: sampling.seed === undefined ? sampling : { ...sampling, seed: sampling.seed + turn },
      maxTokens: Math.min(limits.maxTokensPerTurn, room),
      // Pictures come from the tools alone.
      excludePlaceholders: true,
      ...(stopStrings.length > 0 && { stopStrings }),
      ...(topCount !== undefined && { topCount }),
      ...(signal && { signal }),
    };
  }

  /** A generation that was stopped, was cut off or is empty is not looked at, but by the evaluation. */
  private endOfSpeech({ reason, tokens }: Spoken): RolloutEnd | undefined {
    if (reason === 'cancelled') return { type: 'end', status: 'cancelled' };
    if (reason === 'context' || (reason === 'length' && this.sequence.length >= this.plan.totalTokens)) {
      const sentence = `The limit of ${this.plan.totalTokens} tokens in all is reached.`;
      return { type: 'end', status: 'length', reason: sentence };
    }
    if (reason === 'length' && !this.run.protocol.evaluates) {
      const { maxTokensPerTurn } = this.plan.limits;
      const sentence = `The turn was cut off at the limit of ${maxTokensPerTurn} tokens.`;
      return { type: 'end', status: 'length', reason: sentence };
    }
    if (tokens > 0) return undefined;
    return { type: 'end', status: 'finished', reason: 'The model said nothing.' };
  }

  /** Whether this turn is the last, whatever the tools say, and why. */
  private endOfTurn(read: ReadTurn, raw: string, turn: number): RolloutEnd | undefined {
    const { evaluates, acts } = this.run.protocol;
    const prediction = read.answer ?? (evaluates ? raw : undefined);
    const told = prediction === undefined ? {} : { prediction };
    if (read.ends || !acts || read.acted.length === 0) {
      const why = read.answer === undefined ? { reason: 'The turn has no answer and no tool call.' } : {};
      return { type: 'end', status: 'finished', ...why, ...told };
    }
    const { maxTurns } = this.plan.limits;
    if (turn + 1 < maxTurns) return undefined;
    return {
      type: 'end',
      status: 'turnLimit',
      reason: `The limit of ${maxTurns} turns is reached.`,
      ...told,
    };
  }
}
