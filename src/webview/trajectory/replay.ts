import type { Store } from '../shared/store';
import type { PageState } from './pageState';
import type { Step } from './readingOrder';

/** How long a part stands at speed 1, in milliseconds: what every part gets, for each token more, and at most. */
const LEAST = 900;
const PER_TOKEN = 14;
const MOST = 4000;
/** About as many characters as a token has, where tokens are not known. */
const CHARACTERS = 4;

/** How long the replay stands on a part, in milliseconds; the question as long as any part at least. */
export function dwell(step: Step | undefined, speed: number): number {
  const tokens = step ? (step.view.tokens ?? step.view.text.length / CHARACTERS) : 0;
  return Math.min(MOST, LEAST + PER_TOKEN * tokens) / speed;
}

/** What the replay moves. */
export interface ReplayActions {
  goTo(part: number): void;
  say(words: string): void;
}

/** Moves the cursor from part to part by itself, and pauses at the end. */
export class Replay {
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly store: Store<PageState>,
    private readonly actions: ReplayActions,
  ) {
    for (const slice of ['playing', 'part', 'speed'] as const) {
      store.watch(
        (state) => state[slice],
        () => this.arm(),
      );
    }
    store.watch(
      (state) => state.selected,
      () => this.pause(),
    );
  }

  /** Plays or pauses; from the end it plays from the question on. */
  toggle(): void {
    const { playing } = this.store.get();
    if (playing) {
      this.pause();
      this.actions.say('Paused');
      return;
    }
    const steps = this.steps();
    if (steps.length === 0) return;
    if (this.store.get().part >= steps.length) this.actions.goTo(0);
    this.store.update({ playing: true });
    this.actions.say('Playing');
  }

  private pause(): void {
    if (this.store.get().playing) this.store.update({ playing: false });
  }

  private steps(): readonly Step[] {
    const { shown } = this.store.get();
    return shown.status === 'ready' ? shown.steps : [];
  }

  private arm(): void {
    clearTimeout(this.timer);
    const { playing, part, speed } = this.store.get();
    if (!playing) return;
    const steps = this.steps();
    if (part >= steps.length) return this.pause();
    this.timer = setTimeout(() => this.actions.goTo(part + 1), dwell(steps[part - 1], speed));
  }
}
