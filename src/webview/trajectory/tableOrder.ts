import type { RowFilter, RowView } from '../../protocol/listView';
import type { ListOrder } from './rowOrder';

/**
 * The order of a list that the host has filtered or sorted. The host holds it; the page knows of those rows that it has
 * seen.
 */
export class TableOrder implements ListOrder {
  private readonly indices = new Map<number, number>();
  private readonly positions = new Map<number, number>();

  /**
   * @param filter what the list was narrowed to besides
   * @param result the host's name for it
   * @param total rows
   */
  constructor(
    readonly filter: RowFilter | undefined,
    readonly result: number,
    readonly total: number,
  ) {}

  count(): number {
    return this.total;
  }

  indexAt(position: number): number | undefined {
    return this.indices.get(position);
  }

  positionOf(index: number): number | undefined {
    return this.positions.get(index);
  }

  /** Takes in the rows from a position on. */
  learn(start: number, rows: readonly RowView[]): void {
    rows.forEach(({ index }, at) => this.place(index, start + at));
  }

  /** Takes in where a record stands. */
  place(index: number, position: number): void {
    this.indices.set(position, index);
    this.positions.set(index, position);
  }
}
