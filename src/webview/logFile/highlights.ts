import type { ByteRange } from '../../protocol/logFileView';
import type { LogRowView } from './logRow';

/** Paints matches over the text without touching it (CSS custom highlights). */
export class Highlights {
  private readonly all = new Highlight();
  private readonly current = new Highlight();

  constructor() {
    this.current.priority = 1;
    CSS.highlights.set('log-find', this.all);
    CSS.highlights.set('log-find-current', this.current);
  }

  clear(): void {
    this.all.clear();
    this.current.clear();
  }

  /** Paints the matches that rows show, and the one that a person is at more strongly. */
  show(rows: readonly LogRowView[], matches: readonly ByteRange[], at: ByteRange | undefined): void {
    this.clear();
    for (const row of rows) {
      for (const match of matches) {
        if (match.start >= row.data.next || match.end <= row.data.start) continue;
        const range = row.rangeOf(match);
        if (range) (match.start === at?.start ? this.current : this.all).add(range);
      }
    }
  }
}
