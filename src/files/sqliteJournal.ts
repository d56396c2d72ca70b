import type { PageOverlay } from './sqliteWal';
import { isPageSize, readFully } from './sqliteWal';

const MAGIC = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];
const HEADER = 28;
/** Largest journal that is held in memory, in bytes. */
const MAX_JOURNAL = 64 * 1024 * 1024;

/**
 * The pages as they were before a transaction that has not ended, or that a crash ended: the originals that its journal
 * keeps. Undefined where there is no such transaction. Format: https://www.sqlite.org/fileformat2.html#the_rollback_journal
 * @param size bytes of the journal now
 */
export function readJournal(descriptor: number, size: number): PageOverlay | undefined {
  if (size < HEADER || size > MAX_JOURNAL) return undefined;
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer, 0, readFully(descriptor, bytes, 0));
  if (!isHeader(view, 0)) return undefined;
  const [pageCount, sector, pageSize] = [view.getUint32(16), view.getUint32(20), view.getUint32(24)];
  if (!isPageSize(pageSize) || sector < 32 || sector > 65536) return undefined;
  const pages = new Map<number, Uint8Array>();
  let at = 0;
  while (isHeader(view, at)) {
    const [count, nonce] = [view.getUint32(at + 8), view.getUint32(at + 12)];
    at += sector;
    let left = count;
    for (; left > 0 && at + pageSize + 8 <= view.byteLength; left--, at += pageSize + 8) {
      const page = bytes.subarray(at + 4, at + 4 + pageSize);
      if (view.getUint32(at + 4 + pageSize) !== checksum(page, nonce)) return overlay();
      const number = view.getUint32(at);
      if (!pages.has(number)) pages.set(number, page);
    }
    at = Math.ceil(at / sector) * sector;
  }
  return overlay();

  function overlay(): PageOverlay | undefined {
    if (pages.size === 0) return undefined;
    return {
      pageSize,
      pageCount,
      readPage: (number, target) => {
        const page = pages.get(number);
        if (page) target.set(page);
        return page !== undefined;
      },
    };
  }
}

function isHeader(view: DataView, at: number): boolean {
  return at + HEADER <= view.byteLength && MAGIC.every((byte, index) => view.getUint8(at + index) === byte);
}

/** Every 200th byte, counted from the page's end, on top of the journal's nonce. */
function checksum(page: Uint8Array, nonce: number): number {
  let sum = nonce;
  for (let at = page.length - 200; at > 0; at -= 200) sum = (sum + (page[at] as number)) >>> 0;
  return sum;
}
