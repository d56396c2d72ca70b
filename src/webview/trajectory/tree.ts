import type { TrajectoryView } from '../../protocol/trajectoryView';
import { h, replaceContent } from '../shared/dom';
import type { Store } from '../shared/store';
import type { Controller } from './controller';
import { KeptInView } from './keptInView';
import { messageFor, skeleton } from './messages';
import type { PageState, Shown } from './pageState';
import { rawView } from './rawView';
import type { Step } from './readingOrder';
import { outcomeNode } from './outcomeNode';
import { questionNode } from './questionNode';
import type { NodeContext } from './treeNode';
import { turnNode } from './turnNode';

function build(trajectory: TrajectoryView, steps: readonly Step[], context: NodeContext): HTMLElement {
  const tree = h('ul', {
    class: 'tree',
    role: 'tree',
    tabindex: 0,
    'aria-label': 'Trajectory',
  });
  tree.append(questionNode(trajectory, context));
  trajectory.turns.forEach((turn, index) => {
    tree.append(
      turnNode(
        turn,
        index,
        steps.filter((step) => step.turn === index),
        trajectory,
        context,
      ),
    );
  });
  const ending = outcomeNode(trajectory, steps);
  if (ending) tree.append(ending);
  return tree;
}

/** The region of the tree: the trajectory turn by turn, or its raw text, or why there is neither. */
export class TreeView {
  readonly element = h('div', { class: 'tree-region' });
  private tree: HTMLElement | undefined;
  private drawnIndex: number | undefined;
  private drawnPart: number | undefined;
  private readonly folds = new Map<number, () => void>();
  private readonly kept = new KeptInView(this.element);

  constructor(
    private readonly store: Store<PageState>,
    private readonly controller: Controller,
  ) {
    store.watch(
      (state) => state.shown,
      () => this.draw(),
    );
    store.watch(
      (state) => state.raw,
      () => this.draw(),
    );
    store.watch(
      (state) => state.part,
      // A cursor that moved while its record was drawn has been followed there.
      (part) => this.mark(part !== this.drawnPart),
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

  private draw(): void {
    const { shown, raw } = this.store.get();
    const { tree: old } = this;
    const held = this.kept.holds();
    this.kept.release();
    const hadFocus = old !== undefined && old.contains(document.activeElement);
    this.tree = undefined;
    this.folds.clear();
    const { scrollTop } = this.element;
    replaceContent(this.element, this.content(shown, raw));
    this.element.scrollTop = scrollTop;
    const index = shown.status === 'ready' ? shown.trajectory.index : undefined;
    // The same record again, with more text or with its images: the reader stays where they are.
    const fresh = index === undefined || index !== this.drawnIndex;
    if (fresh) this.element.scrollTop = 0;
    this.drawnIndex = index;
    this.drawnPart = this.store.get().part;
    // A rollout is read from its question on, unless its replay was left half way.
    const midReplay = shown.status === 'ready' && this.drawnPart < shown.steps.length;
    this.mark((fresh && midReplay) || held);
    (hadFocus ? (this.tree as HTMLElement | undefined) : undefined)?.focus({ preventScroll: true });
  }

  private content(shown: Shown, raw: boolean): Node {
    if (shown.status === 'loading') return skeleton();
    if (shown.status !== 'ready') return messageFor(shown, this.store.get().source, this.controller);
    if (raw) return rawView(shown.trajectory);
    const { trajectory, steps } = shown;
    this.tree = build(trajectory, steps, {
      picture: (id, maxSide) => this.controller.images.get(trajectory.index, id, maxSide),
      choose: (part) => this.controller.goTo(part),
      hover: (call) => this.controller.hover(call),
      addFold: (part, toggle) => this.folds.set(part, toggle),
    });
    return this.tree;
  }

  /** Shows where the cursor stands: what comes later is dim. */
  private mark(follow: boolean): void {
    const { part, shown } = this.store.get();
    if (follow) this.drawnPart = undefined;
    if (!this.tree) return;
    for (const node of this.tree.querySelectorAll<HTMLElement>('[data-part]')) {
      const own = Number(node.dataset['part']);
      node.classList.toggle('later', own > part);
      // The head of a turn and the ending share a position with a part; the cursor stands on the part alone.
      const current = own === part && node.id === `part-${part}`;
      node.classList.toggle('current', current);
      if (node.getAttribute('role') !== 'treeitem') continue;
      node.setAttribute('aria-selected', String(current));
      if (!current) continue;
      this.tree.setAttribute('aria-activedescendant', node.id);
      const last = shown.status === 'ready' && part === shown.steps.length && part > 0;
      if (follow) this.kept.keep(node.querySelector('[data-scroll]') ?? node, this.tree, last);
    }
  }

  private highlight(call: number | undefined): void {
    for (const node of this.element.querySelectorAll<HTMLElement>('[data-call]')) {
      node.classList.toggle('hovered', Number(node.dataset['call']) === call);
    }
  }
}
