import type { BatchProgress } from '../../launch/batch';
import type { PlayEvent } from '../../launch/playRollout';
import type { CliIo } from '../cliIo';
import { Progress } from '../progress';
import { safeLine } from '../text/safeText';
import { batchLine } from './batchText';

/** Without a terminal, how often it is told how far it is, in milliseconds. */
const LINE_EVERY_MS = 10_000;
/** So many sentences about failed rollouts are printed; the log has them all. */
const MOST_FAILURES = 20;

/** Tells how a batch goes, beside the output: a bar on a terminal, else a line every so often. */
export class BatchReporter {
  private readonly line: Progress;
  private lastLine = Date.now();
  private failures = 0;
  private cropsSoFar = 0;
  private played = 0;
  private readonly running = new Map<string, number>();

  constructor(private readonly io: CliIo) {
    this.line = new Progress(io.err);
  }

  /** Crops that came back in the rollouts that ended by themselves in this run. */
  get crops(): number {
    return this.cropsSoFar;
  }

  /** Rollouts that ended by themselves in this run. */
  get ended(): number {
    return this.played;
  }

  event(id: string, event: PlayEvent): void {
    if (event.type === 'start') this.running.set(id, 0);
    else if (event.type === 'observation') {
      this.running.set(id, (this.running.get(id) ?? 0) + event.pictures.length);
    } else if (event.type === 'end') {
      if (event.status === 'error') this.failed(id, event.reason);
      else if (event.status !== 'cancelled') {
        this.played++;
        this.cropsSoFar += this.running.get(id) ?? 0;
      }
      this.running.delete(id);
    }
  }

  progress(progress: BatchProgress): void {
    const { err } = this.io;
    if (err.isTerminal) this.line.update(() => batchLine(progress, true));
    else if (Date.now() - this.lastLine >= LINE_EVERY_MS) {
      this.lastLine = Date.now();
      err.write(`imcot: ${batchLine(progress, false)}\n`);
    }
  }

  end(): void {
    this.line.clear();
    const more = this.failures - MOST_FAILURES;
    if (more > 0) this.io.err.write(`imcot: ${more} more failed; the log says why\n`);
  }

  private failed(id: string, reason = 'no reason was told'): void {
    if (++this.failures > MOST_FAILURES) return;
    this.line.clear();
    this.io.err.write(`imcot: rollout ${safeLine(id)} failed: ${safeLine(reason)}\n`);
  }
}
