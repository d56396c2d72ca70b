/** Paints matches over the text without touching it (CSS custom highlights, named in find.css). */
export class Highlights {
  private readonly all = new Highlight();
  private readonly current = new Highlight();

  constructor() {
    this.current.priority = 1;
    CSS.highlights.set('find', this.all);
    CSS.highlights.set('find-current', this.current);
  }

  clear(): void {
    this.all.clear();
    this.current.clear();
  }

  /** Paints matches in the place of those before, and the one that a person is at more strongly. */
  show(matches: Iterable<AbstractRange>, current: Iterable<AbstractRange>): void {
    this.clear();
    for (const range of matches) this.all.add(range);
    for (const range of current) this.current.add(range);
  }
}
