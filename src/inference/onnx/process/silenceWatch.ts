import type { Disposable } from '../../../common/disposable';

/**
 * Notices when nothing was heard for long. It counts its own ticks and reads no clock: a machine that slept, or a thread
 * that was held in a debugger, ticks once when it goes on.
 */
export class SilenceWatch implements Disposable {
  private silentMs = 0;
  private readonly timer: NodeJS.Timeout;

  /**
   * @param limit how long silence may be now, in milliseconds; read at each tick
   * @param tickMs between two looks
   */
  constructor(limit: () => number, tickMs: number, onSilence: (silentMs: number) => void) {
    this.timer = setInterval(() => {
      this.silentMs += tickMs;
      if (this.silentMs < limit()) return;
      this.dispose();
      onSilence(this.silentMs);
    }, tickMs);
    this.timer.unref();
  }

  heard(): void {
    this.silentMs = 0;
  }

  dispose(): void {
    clearInterval(this.timer);
  }
}
