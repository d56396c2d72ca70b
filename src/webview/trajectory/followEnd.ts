/** Nearer to the end than this, in CSS pixels, a person is at it. */
const NEAR = 40;
const KEYS = new Set(['PageUp', 'PageDown', ' ']);

/**
 * Keeps the end of a region in view while its content grows, until a person scrolls up; and again once they are back at
 * the end.
 */
export class FollowEnd {
  private byHand = false;

  /**
   * @param region the element that scrolls
   * @param moved called when a person has scrolled, with whether they are away from the end
   */
  constructor(
    private readonly region: HTMLElement,
    private readonly moved: (away: boolean) => void,
  ) {
    const touched = (): void => {
      this.byHand = true;
    };
    for (const sign of ['wheel', 'touchmove'] as const)
      region.addEventListener(sign, touched, { passive: true });
    // On the region itself lies its scroll bar; what is in it is read and chosen.
    region.addEventListener('pointerdown', (event) => event.target === region && touched());
    region.addEventListener('keydown', (event) => KEYS.has(event.key) && touched());
    region.addEventListener('scroll', () => this.scrolled(), { passive: true });
  }

  /** Brings the end into view. */
  toEnd(): void {
    this.byHand = false;
    this.region.scrollTop = this.region.scrollHeight;
  }

  private scrolled(): void {
    if (!this.byHand) return;
    const { scrollHeight, scrollTop, clientHeight } = this.region;
    const away = scrollHeight - scrollTop - clientHeight > NEAR;
    if (!away) this.byHand = false;
    this.moved(away);
  }
}
