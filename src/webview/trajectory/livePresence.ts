import type { SourceView, TrajectoryView } from '../../protocol/trajectoryView';
import type { LiveState } from './liveRollout';
import { livePhase, liveState } from './liveRollout';
import { TokenRate } from './tokenRate';

/** Follows one rollout while it is written: what it is at, how fast, and since when it has been quiet. */
export class LivePresence {
  private readonly rate = new TokenRate();
  private index: number | undefined;
  /** When something came, by this page's clock; undefined while nothing has. */
  private grewAt: number | undefined;
  private length = -1;

  /** The rollout as it has come, or another one. */
  take(trajectory: TrajectoryView, now: number): void {
    const length = trajectory.bytes.end;
    const another = trajectory.index !== this.index;
    if (another) {
      this.rate.clear();
      this.grewAt = undefined;
    } else if (length !== this.length) this.grewAt = now;
    this.index = trajectory.index;
    this.length = length;
    if (trajectory.modelTokens !== undefined) this.rate.add(trajectory.modelTokens, now);
  }

  /**
   * How it stands; undefined once it has ended.
   * @param now by this page's clock, as the host's `writtenAt`
   */
  state(trajectory: TrajectoryView, source: SourceView, now: number): LiveState | undefined {
    const phase = livePhase(trajectory);
    if (!phase) return undefined;
    const writtenAt = source.status === 'ready' ? source.writtenAt : undefined;
    const since = this.grewAt ?? writtenAt;
    const quiet = since === undefined ? undefined : Math.max(0, now - since);
    return liveState(phase, quiet, trajectory.modelTokens, this.rate.perSecond(now));
  }
}
