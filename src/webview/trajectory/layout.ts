import { h, icon } from '../shared/dom';
import { splitter } from '../shared/splitter';
import type { Store } from '../shared/store';
import { chosenLine } from './list';
import type { PageState } from './pageState';

/** The regions, made elsewhere. */
export interface Regions {
  readonly list: HTMLElement;
  readonly treeHead: HTMLElement;
  readonly tree: HTMLElement;
  readonly stageHead: HTMLElement;
  readonly stage: HTMLElement;
  readonly stageNote: HTMLElement;
  readonly details: HTMLElement;
  readonly transport: HTMLElement;
  readonly help: HTMLElement;
  readonly live: HTMLElement;
}

/** Fractions of the width that list and stage may have; the tree keeps at least a quarter. */
const LIST_LIMITS = [0.1, 0.4] as const;
const STAGE_LIMITS = [0.15, 0.6] as const;
const TREE_LEAST = 0.25;

function within(value: number, [least, most]: readonly [number, number], room: number): number {
  return Math.max(least, Math.min(most, room, value));
}

/** Lays the regions out: side by side, or one above the other with the list as a drop-down when there is no width. */
export class Layout {
  readonly element: HTMLElement;
  private readonly dropDown: HTMLElement;
  private readonly chosen = h('span', { class: 'ellipsis' });

  constructor(
    private readonly store: Store<PageState>,
    regions: Regions,
  ) {
    this.dropDown = h(
      'button',
      {
        class: 'list-button',
        type: 'button',
        'aria-haspopup': 'grid',
        'aria-expanded': 'false',
        'aria-controls': 'list-region',
        onclick: () => this.openList(!this.listIsOpen()),
      },
      this.chosen,
      icon('chevron-down'),
    );
    this.element = h('div', { class: 'page' });
    this.fill(regions);
    store.watch(
      (state) => state.split,
      ([list, stage]) => {
        this.element.style.setProperty('--list-width', `${list * 100}%`);
        this.element.style.setProperty('--stage-width', `${stage * 100}%`);
      },
    );
    for (const slice of ['selected', 'source', 'shown', 'order'] as const) {
      store.watch(
        (state) => state[slice],
        () => this.nameChosen(),
      );
    }
  }

  private fill(regions: Regions): void {
    const main = h(
      'main',
      { class: 'main-region' },
      this.listSplitter(),
      regions.treeHead,
      regions.tree,
      this.stageSplitter(),
    );
    const side = h(
      'section',
      { class: 'stage-region', 'aria-label': 'Image stage' },
      regions.stageHead,
      regions.stage,
      regions.stageNote,
      regions.details,
    );
    this.element.append(
      this.dropDown,
      regions.list,
      main,
      side,
      regions.transport,
      regions.help,
      regions.live,
    );
  }

  private listSplitter(): HTMLElement {
    return splitter(this.element, {
      label: 'Width of the list',
      read: () => this.split()[0],
      write: (list) => this.setSplit(list, this.split()[1]),
      rightSide: false,
    });
  }

  private stageSplitter(): HTMLElement {
    return splitter(this.element, {
      label: 'Width of the image stage',
      read: () => this.split()[1],
      write: (stage) => this.setSplit(this.split()[0], stage),
      rightSide: true,
    });
  }

  private nameChosen(): void {
    this.chosen.textContent = chosenLine(this.store.get());
  }

  /** Opens or closes the list of the narrow layout; no effect on the wide one. */
  openList(open: boolean): void {
    this.element.classList.toggle('list-open', open);
    this.dropDown.setAttribute('aria-expanded', String(open));
    const list = this.element.querySelector<HTMLElement>('.virtual-list');
    if (open) list?.focus();
    else if (list?.contains(document.activeElement)) this.dropDown.focus();
  }

  listIsOpen(): boolean {
    return this.element.classList.contains('list-open');
  }

  private split(): readonly [number, number] {
    return this.store.get().split;
  }

  private setSplit(list: number, stage: number): void {
    const [oldList, oldStage] = this.split();
    const split: [number, number] =
      list === oldList
        ? [list, within(stage, STAGE_LIMITS, 1 - TREE_LEAST - list)]
        : [within(list, LIST_LIMITS, 1 - TREE_LEAST - oldStage), oldStage];
    this.store.update({ split });
  }
}
