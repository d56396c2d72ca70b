import { TokenRate } from '../common/tokenRate';
import type { OutcomeStatus } from '../trajectory/trajectory';
import type { BatchProgress } from './batch';
import type { EarlierRollouts } from './batchPlan';
import { endedByItself } from './batchLog';
import type { PlayEvent } from './playRollout';

/** Tokens are told this often at most, in milliseconds. */
const TELL_MS = 200;

/** Counts what a batch does and tells it. Keeps numbers, no events. */
export class BatchTally {
  private readonly rate = new TokenRate();
  private done: number;
  private failed: number;
  private judged: number;
  private correct: number;
  private running = 0;
  private tokens = 0;
  private told = -Infinity;

  /** @param now milliseconds of a steady clock */
  constructor(
    private readonly total: number,
    private readonly earlier: EarlierRollouts,
    private readonly tell: (progress: BatchProgress) => void = () => undefined,
    private readonly now: () => number = () => performance.now(),
  ) {
    ({ done: this.done, failed: this.failed, judged: this.judged, correct: this.correct } = earlier);
  }

  get progress(): BatchProgress {
    const { total, done, running, judged, correct, failed, tokens } = this;
    const tokensPerSecond = this.rate.perSecond;
    const counts = { total, done, resumed: this.earlier.done, running, judged, correct, failed, tokens };
    return { ...counts, ...(tokensPerSecond !== undefined && { tokensPerSecond }) };
  }

  /** Whether every rollout of the batch has ended. */
  get isComplete(): boolean {
    return this.done === this.total;
  }

  report(): void {
    this.told = this.now();
    this.tell(this.progress);
  }

  /** A rollout begins. */
  begin(): RolloutTally {
    this.running++;
    this.report();
    return new RolloutTally(this);
  }

  addTokens(count: number): void {
    this.tokens += count;
    const now = this.now();
    for (let token = 0; token < count; token++) this.rate.add(now);
    if (now - this.told >= TELL_MS) this.report();
  }

  addVerdict(correct: boolean): void {
    this.judged++;
    if (correct) this.correct++;
  }

  /** @param status undefined when it is as if it had never begun */
  end(status: OutcomeStatus | undefined): void {
    this.running--;
    if (status === 'error') this.failed++;
    if (endedByItself(status) || status === 'error') this.done++;
    // The rate is that of the last seconds: while nothing runs there is none.
    if (this.running === 0) this.rate.reset();
    this.report();
  }
}

/** One rollout's part of the counts. */
export class RolloutTally {
  /** How it ended; whoever knows better may say so before `end`. */
  status: OutcomeStatus | undefined;
  private ofTurn = 0;

  constructor(private readonly tally: BatchTally) {}

  take(event: PlayEvent): void {
    switch (event.type) {
      case 'text':
        this.ofTurn++;
        return this.tally.addTokens(1);
      case 'turn':
        // The rest of a character comes as a text of its own and is no token.
        this.tally.addTokens(event.tokens - this.ofTurn);
        this.ofTurn = 0;
        return;
      case 'end':
        this.status = event.status;
        return;
      case 'score':
        if (event.score.verdict) this.tally.addVerdict(event.score.verdict.correct);
        return;
      default:
    }
  }

  end(): void {
    this.tally.end(this.status);
  }
}
