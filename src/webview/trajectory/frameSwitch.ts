import type { CoordinateFrame } from '../../common/boundingBox';
import { h } from '../shared/dom';
import type { Store } from '../shared/store';
import { canTell, FRAMES, type Measured } from './frames';
import type { PageState } from './pageState';
import { frameWords } from './words';

const SHORT: Readonly<Record<CoordinateFrame, string>> = {
  original: 'original',
  resized: 'resized',
  relative1000: '0–1000',
  relative1: '0–1',
};
const STEPS: Readonly<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowUp: -1,
  ArrowRight: 1,
  ArrowDown: 1,
};

/** The frame in which boxes on the shown picture are told: the chosen one, where it can be told there, else the file's. */
export function shownFrame(state: PageState, picture: Measured | undefined): CoordinateFrame {
  const own = state.shown.status === 'ready' ? state.shown.trajectory.frame : 'original';
  const { frame } = state;
  return frame && canTell(frame, picture) ? frame : own;
}

/** The switch of the coordinate frame: numbers of boxes, on the stage and in the tree, follow it. */
export class FrameSwitch {
  readonly element: HTMLElement;
  private readonly choices: ReadonlyMap<CoordinateFrame, HTMLButtonElement>;
  private picture: Measured | undefined;

  /** @param say tells what was chosen */
  constructor(
    private readonly store: Store<PageState>,
    private readonly say: (words: string) => void,
  ) {
    this.choices = new Map(
      FRAMES.map((frame) => [
        frame,
        h(
          'button',
          { class: 'frame-choice', type: 'button', role: 'radio', onclick: () => this.choose(frame) },
          SHORT[frame],
        ),
      ]),
    );
    this.element = h(
      'span',
      {
        class: 'frame-switch small',
        role: 'radiogroup',
        'aria-label': 'Coordinate frame of the boxes',
        onkeydown: (event: KeyboardEvent) => this.press(event),
      },
      ...this.choices.values(),
    );
    store.watch(
      (state) => state.frame,
      () => this.draw(),
    );
  }

  /** Shows what can be chosen on a picture. */
  set(picture: Measured | undefined): void {
    this.picture = picture;
    this.draw();
  }

  /** Goes to the next frame that can be told, or to one further back. */
  step(delta: number): void {
    const possible = FRAMES.filter((frame) => this.isPossible(frame));
    if (possible.length === 0) return;
    const at = possible.indexOf(shownFrame(this.store.get(), this.picture));
    const next = possible[(at + delta + possible.length) % possible.length];
    if (next) this.choose(next);
  }

  private press(event: KeyboardEvent): void {
    const delta = STEPS[event.key];
    if (delta === undefined || event.shiftKey) return;
    event.preventDefault();
    this.step(delta);
    this.choices.get(shownFrame(this.store.get(), this.picture))?.focus();
  }

  private choose(frame: CoordinateFrame): void {
    if (!this.isPossible(frame)) return;
    this.store.update({ frame });
    this.say(`Boxes in ${frameWords(frame)}`);
  }

  /** The file's own numbers can always be told. */
  private isPossible(frame: CoordinateFrame): boolean {
    return canTell(frame, this.picture) || frame === this.own();
  }

  private own(): CoordinateFrame | undefined {
    const { shown } = this.store.get();
    return shown.status === 'ready' ? shown.trajectory.frame : undefined;
  }

  private draw(): void {
    const own = this.own();
    this.element.hidden = own === undefined;
    const current = shownFrame(this.store.get(), this.picture);
    for (const [frame, choice] of this.choices) {
      const isCurrent = frame === current;
      choice.setAttribute('aria-checked', String(isCurrent));
      choice.tabIndex = isCurrent ? 0 : -1;
      choice.disabled = !this.isPossible(frame);
      const note = choice.disabled ? ': the size that it needs is not known' : '';
      choice.title = `${frameWords(frame)}${frame === own ? ', as in the file' : ''}${note}`;
    }
  }
}
