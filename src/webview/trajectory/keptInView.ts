/** Keys with which a person scrolls a region. */
const SCROLL_KEYS = new Set(['PageUp', 'PageDown', ' ']);

/**
 * Keeps one element of a scrolling region in view while the layout around it still moves (crops arrive, the window
 * changes), until a person scrolls or goes elsewhere with the keyboard.
 */
export class KeptInView {
  private content: HTMLElement | undefined;
  private target: Element | undefined;
  private atEnd = false;
  private readonly observer = new ResizeObserver(() => this.hold());

  /** @param region the element that scrolls */
  constructor(private readonly region: HTMLElement) {
    this.observer.observe(region);
    for (const sign of ['wheel', 'touchmove', 'pointerdown'] as const)
      region.addEventListener(sign, () => this.release(), { passive: true });
    region.addEventListener('keydown', (event) => {
      if (SCROLL_KEYS.has(event.key)) this.release();
    });
    region.addEventListener('focusin', (event) => {
      // Focus on the whole content is no place in it.
      if (event.target !== this.content) this.release();
    });
  }

  /** Whether an element is being kept in view now. */
  holds(): boolean {
    return this.target !== undefined;
  }

  /**
   * Brings an element into view and keeps it there.
   * @param content what the region shows, whose size tells that the layout moved
   * @param atEnd whether what follows the element is wanted in view as well, as far as there is room
   */
  keep(target: Element, content: HTMLElement, atEnd: boolean): void {
    this.watch(content);
    this.target = target;
    this.atEnd = atEnd;
    this.hold();
  }

  /** Leaves the scroll position alone from now on. */
  release(): void {
    this.target = undefined;
  }

  private watch(content: HTMLElement): void {
    if (content === this.content) return;
    if (this.content) this.observer.unobserve(this.content);
    this.content = content;
    this.observer.observe(content);
  }

  private hold(): void {
    if (!this.target) return;
    if (this.atEnd) this.region.scrollTop = this.region.scrollHeight;
    this.target.scrollIntoView({ block: 'nearest' });
  }
}
