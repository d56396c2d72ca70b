import { cancelled, throwIfCancelled } from '../../common/cancel';

interface Place {
  /** Called when the place at the front is reached. */
  enter(): void;
  moved(ahead: number): void;
}

/**
 * Lets one piece of work at a time into each lane, the others in the order in which they came. What waits is told how much
 * is before it, so that a person can be.
 */
export class RolloutQueue {
  /** Of each lane who is in it, then who waits. */
  private readonly lanes = new Map<string, Place[]>();

  /**
   * Waits for the front of a lane.
   * @param lane absent: nothing is waited for
   * @param moved told at once, and whenever it changes, how many are ahead: 0 means that it is in
   * @returns to be called when the work is over; calling it again does nothing
   * @throws ImcotError `cancelled` by the signal while it waits
   */
  async enter(
    lane: string | undefined,
    moved: (ahead: number) => void,
    signal: AbortSignal,
  ): Promise<() => void> {
    throwIfCancelled(signal);
    if (lane === undefined) {
      moved(0);
      return () => undefined;
    }
    const places = this.lanes.get(lane) ?? [];
    this.lanes.set(lane, places);
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        this.leave(lane, place);
        reject(cancelled(signal));
      };
      const place: Place = {
        moved,
        enter: () => {
          signal.removeEventListener('abort', abort);
          resolve(() => this.leave(lane, place));
        },
      };
      places.push(place);
      moved(places.length - 1);
      if (places.length === 1) place.enter();
      else signal.addEventListener('abort', abort, { once: true });
    });
  }

  private leave(lane: string, place: Place): void {
    const places = this.lanes.get(lane) ?? [];
    const at = places.indexOf(place);
    if (at < 0) return;
    places.splice(at, 1);
    if (places.length === 0) this.lanes.delete(lane);
    for (const [ahead, other] of [...places.entries()].slice(at)) other.moved(ahead);
    if (at === 0) places[0]?.enter();
  }
}
