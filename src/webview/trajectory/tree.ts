import type { TrajectoryView } from '../../protocol/trajectoryView';
import { h, replaceContent } from '../shared/dom';
import type { Store } from '../shared/store';
import type { Controller } from './controller';
import { FollowEnd } from './followEnd';
import { KeptInView } from './keptInView';
import { LiveNode } from './liveNode';
import type { LiveState } from './liveRollout';
import { messageFor, skeleton } from './messages';
import type { PageState, Shown } from './pageState';
import { rawView } from './rawView';
import type { Step } from './readingOrder';
import { outcomeNode } from './outcomeNode';
import { questionNode } from './questionNode';
import type { NodeContext } from './treeNode';
import { heatLegend } from './tokenHeat';
import { TurnNode } from './turnNode';

type ReadyShown = Extract<Shown, { status: 'ready' }>;

/** A trajectory as it is drawn, turn by turn. */
class DrawnTree {
  readonly element = h('ul', { class: 'tree', role: 'tree', tabindex: 0, 'aria-label': 'Trajectory' });
  private readonly turns: TurnNode[] = [];
  private question: { readonly key: string; readonly node: HTMLElement } | undefined;
  private ending: { readonly key: string; readonly node: HTMLElement; readonly live?: LiveNode } | undefined;

  constructor(
    readonly index: number,
    /** Of its pictures: others need a tree of their own. */
    readonly pictures: number,
    readonly context: NodeContext,
  ) {}

  /**
   * Draws what changed.
   * @returns whether anything but the text of the part that is being written did
   */
  draw(trajectory: TrajectoryView, steps: readonly Step[]): boolean {
    let changed = this.drawQuestion(trajectory);
    for (const extra of this.turns.splice(trajectory.turns.length)) extra.element.remove();
    trajectory.turns.forEach((turn, index) => {
      const known = this.turns[index];
      const node = known ?? new TurnNode(index, this.context);
      if (
        node.draw(
          turn,
          steps.filter((step) => step.turn === index),
          trajectory,
        )
      )
        changed = true;
      if (known) return;
      this.turns.push(node);
      this.element.insertBefore(node.element, this.ending?.node ?? null);
    });
    return this.drawEnding(trajectory, steps) || changed;
  }

  /** Shows how a rollout stands that goes on. */
  showLive(state: LiveState): void {
    this.ending?.live?.show(state);
  }

  private drawQuestion(trajectory: TrajectoryView): boolean {
    const { question, user, system, originals } = trajectory;
    const key = JSON.stringify([question, user, system, originals]);
    if (this.question?.key === key) return false;
    const node = questionNode(trajectory, this.context);
    if (this.question) this.question.node.replaceWith(node);
    else this.element.prepend(node);
    this.question = { key, node };
    return true;
  }

  private drawEnding(trajectory: TrajectoryView, steps: readonly Step[]): boolean {
    const { outcome, prediction, groundTruth, verdict } = trajectory;
    const answered = steps.some((step) => step.view.kind === 'answer');
    const key = JSON.stringify([outcome, prediction, groundTruth, verdict, answered, steps.length]);
    if (this.ending?.key === key) return false;
    this.ending?.node.remove();
    const live = outcome.status === 'running' ? new LiveNode(steps.length) : undefined;
    const node = live?.element ?? outcomeNode(trajectory, steps);
    this.ending = node && { key, node, ...(live && { live }) };
    if (node) this.element.append(node);
    return true;
  }
}

/** The region of the tree: the trajectory turn by turn, or its raw text, or why there is neither. */
export class TreeView {
  readonly element = h('div', { class: 'tree-region' });
  private drawn: DrawnTree | undefined;
  private drawnIndex: number | undefined;
  private drawnPart: number | undefined;
  private readonly folds = new Map<number, () => void>();
  /** Parts of the shown rollout that were drawn while they were written. */
  private readonly written = new Set<number>();
  private readonly kept = new KeptInView(this.element);
  private readonly end = new FollowEnd(this.element, (away) => this.controller.setAway(away));
  /** Crops that come change how much there is to the end. */
  private readonly growth = new ResizeObserver(() => this.followEnd());

  constructor(
    private readonly store: Store<PageState>,
    private readonly controller: Controller,
  ) {
    store.watch(
      (state) => state.shown,
      () => this.draw(),
    );
    for (const slice of ['raw', 'heat'] as const) {
      store.watch(
        (state) => state[slice],
        () => this.draw(),
      );
    }
    store.watch(
      (state) => state.part,
      // A cursor that moved while its record was drawn has been followed there.
      (part) => this.mark(part !== this.drawnPart),
    );
    store.watch(
      (state) => state.live,
      (live) => live && this.drawn?.showLive(live),
    );
    store.watch(
      (state) => state.away,
      (away) => !away && this.followEnd(),
    );
    store.watch(
      (state) => state.hovered,
      (call) => this.highlight(call),
    );
  }

  /** Folds or unfolds the part under the cursor. */
  toggleFold(): void {
    this.folds.get(this.store.get().part)?.();
  }

  /** Brings the part under the cursor into view and keeps it there, as after every move of the cursor. */
  follow(): void {
    this.mark(true);
  }

  /** Puts the focus on what is shown. */
  focus(): void {
    this.element.querySelector<HTMLElement>(':scope > .tree, :scope > .raw')?.focus({ preventScroll: true });
  }

  /** Where the first part begins of which anything is in view; undefined at the very top. */
  topRange(): Range | undefined {
    if (this.element.scrollTop === 0) return undefined;
    const { top } = this.element.getBoundingClientRect();
    const places = this.element.querySelectorAll('.node-head, .call-box, .crops, .answer-box, .raw-section');
    const first = [...places].find((place) => place.getBoundingClientRect().bottom > top);
    if (!first) return undefined;
    const range = document.createRange();
    range.setStart(first, 0);
    return range;
  }

  /**
   * Scrolls to a place once, and leaves it to the reader from then on.
   * @param margin how far from the edges it is to stand at least, in CSS pixels
   */
  scrollToRange(range: Range, margin: number): void {
    this.kept.release();
    const view = this.element.getBoundingClientRect();
    const place = range.getBoundingClientRect();
    if (place.top >= view.top + margin && place.bottom <= view.bottom - margin) return;
    this.element.scrollTop += (place.top + place.bottom - view.top - view.bottom) / 2;
  }

  /** Whether log-probabilities are to be shown, and there are any. */
  private heat(shown: Shown): boolean {
    return this.store.get().heat && shown.status === 'ready' && shown.trajectory.tokenTrack !== undefined;
  }

  /** Whether the end of what is being written is to stay in view. */
  private isFollowing(): boolean {
    const { shown, part, away } = this.store.get();
    if (shown.status !== 'ready' || away || part < shown.steps.length) return false;
    return shown.trajectory.outcome.status === 'running';
  }

  private followEnd(): void {
    if (this.isFollowing()) this.end.toEnd();
  }

  private draw(): void {
    const { shown, raw } = this.store.get();
    const { drawn } = this;
    const same =
      !raw &&
      shown.status === 'ready' &&
      shown.trajectory.index === drawn?.index &&
      shown.pictures === drawn.pictures &&
      this.heat(shown) === (drawn.context.heat !== undefined);
    if (same) this.redraw(drawn, shown);
    else this.drawAnew(shown, raw);
  }

  /** The same record again, with more text or its end: the reader, and all that did not change, stay where they are. */
  private redraw(drawn: DrawnTree, shown: ReadyShown): void {
    this.noteWritten(shown);
    const changed = drawn.draw(shown.trajectory, shown.steps);
    const { live, part } = this.store.get();
    if (live) drawn.showLive(live);
    const moved = part !== this.drawnPart;
    this.drawnPart = part;
    if (changed || moved) this.mark(false);
    this.followEnd();
  }

  private noteWritten({ steps }: ReadyShown): void {
    for (const step of steps) if (step.writing) this.written.add(step.part);
  }

  private drawAnew(shown: Shown, raw: boolean): void {
    const old = this.drawn?.element;
    const held = this.kept.holds();
    this.kept.release();
    const hadFocus = old !== undefined && old.contains(document.activeElement);
    if (old) this.growth.unobserve(old);
    this.drawn = undefined;
    this.folds.clear();
    const index = shown.status === 'ready' ? shown.trajectory.index : undefined;
    const fresh = index === undefined || index !== this.drawnIndex;
    if (fresh) this.written.clear();
    const { scrollTop } = this.element;
    const heated = !raw && this.heat(shown);
    replaceContent(this.element, heated && heatLegend(), this.content(shown, raw));
    this.element.classList.toggle('with-heat', heated);
    this.element.scrollTop = fresh ? 0 : scrollTop;
    this.drawnIndex = index;
    this.drawnPart = this.store.get().part;
    // A rollout is read from its question on, unless its replay was left half way.
    const midReplay = shown.status === 'ready' && this.drawnPart < shown.steps.length;
    this.mark((fresh && midReplay) || held);
    const tree = (this.drawn as DrawnTree | undefined)?.element;
    if (tree) this.growth.observe(tree);
    if (hadFocus) tree?.focus({ preventScroll: true });
    this.followEnd();
  }

  private content(shown: Shown, raw: boolean): Node {
    if (shown.status === 'loading') return skeleton();
    if (shown.status !== 'ready') return messageFor(shown, this.store.get().source, this.controller);
    if (raw) return rawView(shown.trajectory);
    const { trajectory, steps, pictures } = shown;
    this.noteWritten(shown);
    this.drawn = new DrawnTree(trajectory.index, pictures, {
      picture: (image, maxSide) => this.controller.images.get(trajectory.index, image, maxSide),
      choose: (part) => this.controller.goTo(part),
      hover: (call) => this.controller.hover(call),
      addFold: (part, toggle) => this.folds.set(part, toggle),
      wasWritten: (part) => this.written.has(part),
      heat: this.heat(shown) ? trajectory.tokenTrack : undefined,
    });
    this.drawn.draw(trajectory, steps);
    const { live } = this.store.get();
    if (live) this.drawn.showLive(live);
    return this.drawn.element;
  }

  /** Shows where the cursor stands: what comes later is dim. */
  private mark(follow: boolean): void {
    const { part, shown } = this.store.get();
    if (follow) this.drawnPart = undefined;
    const tree = this.drawn?.element;
    if (!tree) return;
    for (const node of tree.querySelectorAll<HTMLElement>('[data-part]')) {
      const own = Number(node.dataset['part']);
      node.classList.toggle('later', own > part);
      // The head of a turn and the ending share a position with a part; the cursor stands on the part alone.
      const current = own === part && node.id === `part-${part}`;
      node.classList.toggle('current', current);
      if (node.getAttribute('role') !== 'treeitem') continue;
      node.setAttribute('aria-selected', String(current));
      if (!current) continue;
      tree.setAttribute('aria-activedescendant', node.id);
      const last = shown.status === 'ready' && part === shown.steps.length && part > 0;
      // The end of what is being written is followed otherwise.
      if (follow && this.isFollowing()) this.end.toEnd();
      else if (follow) this.kept.keep(node.querySelector('[data-scroll]') ?? node, tree, last);
    }
  }

  private highlight(call: number | undefined): void {
    for (const node of this.element.querySelectorAll<HTMLElement>('[data-call]')) {
      node.classList.toggle('hovered', Number(node.dataset['call']) === call);
    }
  }
}
