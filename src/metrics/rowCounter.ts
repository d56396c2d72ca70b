import { SilentSink } from './silentSink';

/** Counts rows and their steps, and keeps nothing else. */
export class RowCounter extends SilentSink {
  rows = 0;
  readonly steps = new Set<number>();
  readonly damages: { readonly reason: string; readonly start: number }[] = [];

  override row(step: number | undefined): void {
    this.rows++;
    if (step !== undefined && !Number.isNaN(step)) this.steps.add(step);
  }

  override damaged(reason: string, start: number): void {
    this.damages.push({ reason, start });
  }
}
