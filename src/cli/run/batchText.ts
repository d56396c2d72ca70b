import type { BatchProgress, BatchResult } from '../../launch/batch';
import type { Printer } from '../text/printer';
import { counted, durationText, speedText } from './figures';

const BAR_CELLS = 20;

const share = (part: number, whole: number): string =>
  whole === 0 ? '' : ` (${((part / whole) * 100).toFixed(1)} %)`;

/** How far a batch is, on one line: `████░░░░ 12 of 160, 8 right, 2 wrong, 1 failed, 56.2 tokens/s`. */
export function batchLine(progress: BatchProgress, withBar: boolean): string {
  const { total, done, judged, correct, failed, tokensPerSecond } = progress;
  const full = total === 0 ? 0 : Math.floor((done / total) * BAR_CELLS);
  const bar = withBar ? `${'█'.repeat(full)}${'░'.repeat(BAR_CELLS - full)} ` : '';
  const parts = [`${done} of ${total}`];
  if (judged > 0) parts.push(`${correct} right`, `${judged - correct} wrong`);
  if (failed > 0) parts.push(`${failed} failed`);
  if (tokensPerSecond !== undefined) parts.push(speedText(tokensPerSecond));
  return bar + parts.join(', ');
}

/** What a batch came to, besides what `BatchResult` tells. */
export interface BatchFigures {
  readonly questions: number;
  readonly perQuestion: number;
  /** Of the rollouts that this run played to their end. */
  readonly crops: number;
  readonly played: number;
  readonly timeMs: number;
}

/** The figures of a batch as fields. */
export function printBatch(printer: Printer, result: BatchResult, figures: BatchFigures): void {
  const { total, done, resumed, judged, correct, failed, tokens } = result;
  const { questions, perQuestion, crops, played, timeMs } = figures;
  const { green, red, yellow } = printer.options.style;
  const group = perQuestion === 1 ? '' : ` x ${perQuestion}`;
  const before = resumed === 0 ? '' : `; ${resumed} were in the log already`;
  printer.field('rollouts', `${done} of ${total} (${counted(questions, 'question')}${group})${before}`);
  printer.field('right', `${correct}${share(correct, judged)}`, green);
  printer.field('wrong', String(judged - correct), red);
  printer.field('not judged', String(done - judged - failed));
  printer.field('failed', String(failed), failed > 0 ? yellow : undefined);
  if (played === 0) return;
  printer.field('zooms', `${(crops / played).toFixed(2)} crops per rollout`);
  const perSecond = timeMs > 0 ? `, ${speedText((tokens * 1000) / timeMs)}` : '';
  printer.field('model wrote', `${counted(tokens, 'token')} in ${durationText(timeMs)}${perSecond}`);
}
