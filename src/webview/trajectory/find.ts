import type { TextFinder } from '../../analysis/expression/textFinder';
import { textFinder } from '../../analysis/expression/textFinder';
import { errorMessage } from '../../common/errors';
import type { FindQuery } from '../shared/findBar';
import { FindBar } from '../shared/findBar';
import { drawRests } from '../shared/fileText';
import { Highlights } from '../shared/highlights';
import type { Store } from '../shared/store';
import type { Controller } from './controller';
import type { DrawnMatch } from './findSearch';
import { countInRaw, findInTexts, MOST_MATCHES } from './findSearch';
import { drawnTexts } from './findTexts';
import type { PageState } from './pageState';
import type { TreeView } from './tree';
import { revealElement } from './treeNode';
import { numberWords } from './words';

/** A rollout that goes on is searched anew this long after it changed, in milliseconds. */
const AGAIN_MS = 250;
/** So far from the edges of the tree a match is brought, in CSS pixels: the bar is as high. */
const MARGIN = 56;

/** Finds in all that the tree, or the raw view, says of a rollout: what is folded or not drawn yet as well. */
export class FindView {
  readonly bar: FindBar;
  private readonly highlights = new Highlights();
  private query: FindQuery | undefined;
  private matches: readonly DrawnMatch[] = [];
  /** Position among the matches of the one that a person is at. */
  private at: number | undefined;
  /** From where a new search goes on. */
  private anchor: Range | undefined;
  private searches = 0;
  private searching: Promise<void> = Promise.resolve();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private back: HTMLElement | undefined;

  /** @param heading the question above the tree, which has a short one nowhere else */
  constructor(
    private readonly store: Store<PageState>,
    private readonly controller: Controller,
    private readonly tree: TreeView,
    private readonly heading: Element,
  ) {
    const actions = {
      search: (query: FindQuery) => this.search(query),
      next: (isForward: boolean) => this.next(isForward),
      closed: () => this.closed(),
    };
    this.bar = new FindBar(actions, 'Find in the rollout');
    for (const slice of ['shown', 'raw', 'heat'] as const)
      store.watch(
        (state) => state[slice],
        () => this.later(),
      );
    document.addEventListener('keydown', (event) => this.onKey(event));
  }

  /** Opens the bar; what is found first is what comes next from the top of what is in view. */
  open(): void {
    const { activeElement } = document;
    if (!this.bar.isOpen && activeElement instanceof HTMLElement && activeElement !== document.body)
      this.back = activeElement;
    this.anchor = this.tree.topRange();
    this.bar.open();
  }

  private onKey(event: KeyboardEvent): void {
    const isFind = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key === 'f';
    if (document.querySelector('dialog[open]')) return;
    if (isFind) this.open();
    else if (event.key === 'F3' && this.bar.isOpen) this.next(!event.shiftKey);
    else if (event.key === 'F3') this.open();
    else return;
    event.preventDefault();
  }

  private search(query: FindQuery): void {
    this.query = query.text === '' ? undefined : query;
    this.run(true);
  }

  /** One search after the other; what was asked meanwhile waits for the end of the one that goes on. */
  private run(isAsked: boolean): void {
    const own = ++this.searches;
    this.searching = this.searching.then(() => this.look(own, isAsked));
  }

  /** @param isAsked whether a person asked for it, who wants to see the first match */
  private async look(own: number, isAsked: boolean): Promise<void> {
    const isOver = (): boolean => own !== this.searches;
    if (isOver()) return;
    const finder = this.finder();
    if (!finder) {
      this.matches = [];
      this.at = undefined;
      this.highlights.clear();
      return;
    }
    drawRests(this.tree.element);
    const found = await findInTexts(drawnTexts(this.places()), finder, isOver);
    if (!found || isOver()) return;
    this.matches = found;
    this.at = undefined;
    if (isAsked) this.goTo(this.firstFrom(this.anchor) ?? (found.length > 0 ? 0 : undefined), false);
    else this.at = this.firstFrom(this.anchor);
    this.paint();
    this.say(finder);
  }

  private finder(): TextFinder | undefined {
    try {
      return this.query && textFinder(this.query);
    } catch (thrown) {
      this.bar.tell({ words: errorMessage(thrown), isFailed: true });
      return undefined;
    }
  }

  /** Where texts stand, in reading order. */
  private places(): Element[] {
    const { element } = this.tree;
    const saysQuestion =
      this.store.get().raw || element.querySelector('.node.question > .node-body') !== null;
    return saysQuestion ? [element] : [this.heading, element];
  }

  /** The first match from a place on. */
  private firstFrom(place: Range | undefined): number | undefined {
    if (!place?.startContainer.isConnected) return undefined;
    const index = this.matches.findIndex(
      ({ range }) => place.comparePoint(range.startContainer, range.startOffset) >= 0,
    );
    return index < 0 ? undefined : index;
  }

  private next(isForward: boolean): void {
    this.searching = this.searching.then(() => {
      const { length } = this.matches;
      if (length === 0) return;
      const from = this.at ?? (isForward ? -1 : 0);
      this.goTo((from + (isForward ? 1 : -1) + length) % length, true);
      this.paint();
      this.say();
    });
  }

  /** Unfolds what holds a match, puts the cursor on its part, and brings it into view. */
  private goTo(index: number | undefined, isAnchor: boolean): void {
    this.at = index;
    const match = index === undefined ? undefined : this.matches[index];
    if (!match) return;
    const { element } = match.text;
    revealElement(element);
    const part = element.closest<HTMLElement>('[data-part]')?.dataset['part'];
    if (!this.store.get().raw) this.controller.goTo(part === undefined ? 0 : Number(part));
    const place = liveRange(match);
    if (isAnchor) this.anchor = place;
    this.tree.scrollToRange(place, MARGIN);
  }

  private paint(): void {
    const current = this.at === undefined ? undefined : this.matches[this.at];
    this.highlights.show(
      this.matches.filter((match) => match !== current).map(({ range }) => range),
      current ? [current.range] : [],
    );
  }

  /** @param finder given after a search: then another view may have what this one has not */
  private say(finder?: TextFinder): void {
    const { length } = this.matches;
    if (length === 0) return this.bar.tell({ words: this.nothingWords(finder) });
    const which = this.at === undefined ? '?' : numberWords(this.at + 1);
    this.bar.tell({ words: `${which} of ${numberWords(length)}${length >= MOST_MATCHES ? '+' : ''}` });
  }

  private nothingWords(finder: TextFinder | undefined): string {
    const { shown, raw } = this.store.get();
    if (!finder || raw || shown.status !== 'ready') return 'No results';
    const count = countInRaw(shown.trajectory, finder);
    return count === 0 ? 'No results' : `No results here, ${numberWords(count)} in the raw text (T)`;
  }

  /** What is shown has changed. */
  private later(): void {
    if (!this.query || !this.bar.isOpen) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.run(false), AGAIN_MS);
  }

  private closed(): void {
    clearTimeout(this.timer);
    this.searches++;
    this.query = undefined;
    this.matches = [];
    this.at = undefined;
    this.highlights.clear();
    const { back } = this;
    this.back = undefined;
    if (back?.isConnected) back.focus({ preventScroll: true });
    else this.tree.focus();
  }
}

function liveRange({ range }: DrawnMatch): Range {
  const place = document.createRange();
  place.setStart(range.startContainer, range.startOffset);
  place.setEnd(range.endContainer, range.endOffset);
  return place;
}
