import { decodeUtf8 } from '../../../common/json';
import type { SqlRow } from '../metricCodecs';

type Cell = SqlRow[string] | undefined;

/** A cell as a number; undefined for NULL and for what is none. */
export function cellNumber(cell: Cell): number | undefined {
  if (typeof cell === 'number') return cell;
  if (typeof cell === 'bigint') return Number(cell);
  if (typeof cell !== 'string' || cell.trim() === '') return undefined;
  const number = Number(cell);
  return Number.isNaN(number) ? undefined : number;
}

/** A cell as text, be it kept as text, as bytes or as a number; undefined for NULL. */
export function cellText(cell: Cell): string | undefined {
  if (cell === null || cell === undefined) return undefined;
  return cell instanceof Uint8Array ? decodeUtf8(cell) : String(cell);
}
