import { closeSync, fstatSync, openSync } from 'node:fs';
import { fileError } from './fileErrors';
import { readJournal } from './sqliteJournal';
import type { PageOverlay } from './sqliteWal';
import { isPageSize, readFully, readWal } from './sqliteWal';

/** Where the header keeps the versions of reading and writing: 2 means that there is a write-ahead log, 1 that there is none. */
const VERSIONS = [18, 19];

/**
 * The bytes of an SQLite database as its last committed transaction left them. What stands in the write-ahead log or in
 * the journal of a transaction that has not ended is put in its place while reading, and the header says that there is no
 * log, so that whoever reads these bytes as a database needs no other file, no lock, and nothing written.
 */
export class SqlitePages {
  private readonly pages: Uint8Array;

  private constructor(
    private readonly descriptors: readonly [number, ...number[]],
    private readonly overlay: PageOverlay | undefined,
  ) {
    this.pages = new Uint8Array(overlay?.pageSize ?? 0);
  }

  /** @throws ImcotError `missing`, `denied` */
  static open(file: string): SqlitePages {
    let main: number;
    try {
      main = openSync(file, 'r');
    } catch (thrown) {
      throw fileError(thrown, file);
    }
    const beside = [
      { name: `${file}-wal`, read: readWal },
      { name: `${file}-journal`, read: readJournal },
    ];
    for (const { name, read } of beside) {
      const descriptor = openIfThere(name);
      if (descriptor === undefined) continue;
      const overlay = read(descriptor, fstatSync(descriptor).size);
      if (overlay && fits(main, overlay)) return new SqlitePages([main, descriptor], overlay);
      closeSync(descriptor);
    }
    return new SqlitePages([main], undefined);
  }

  /** In bytes; of a database that was cut off, those that it had, so that its first pages can be read all the same. */
  get size(): number {
    const { overlay } = this;
    if (overlay) return overlay.pageCount * overlay.pageSize;
    const { size } = fstatSync(this.descriptors[0]);
    const header = headerOf(this.descriptors[0]);
    return header ? Math.max(size, header.pageSize * header.pageCount) : size;
  }

  /** Fills `target` from `offset` as far as the database goes; returns the number of bytes. */
  read(target: Uint8Array, offset: number): number {
    const filled = this.overlay
      ? this.readPages(target, offset, this.overlay)
      : this.readMain(target, offset);
    for (const place of VERSIONS) {
      const at = place - offset;
      if (at >= 0 && at < filled && target[at] === 2) target[at] = 1;
    }
    return filled;
  }

  close(): void {
    for (const descriptor of this.descriptors) closeSync(descriptor);
  }

  private readMain(target: Uint8Array, offset: number): number {
    return readFully(this.descriptors[0], target, offset);
  }

  private readPages(target: Uint8Array, offset: number, overlay: PageOverlay): number {
    const { pageSize, pageCount } = overlay;
    const end = Math.min(target.length, pageCount * pageSize - offset);
    for (let filled = 0; filled < end;) {
      const index = Math.floor((offset + filled) / pageSize);
      const inside = offset + filled - index * pageSize;
      const piece = target.subarray(filled, Math.min(end, filled + pageSize - inside));
      if (overlay.readPage(index + 1, this.pages))
        piece.set(this.pages.subarray(inside, inside + piece.length));
      else if (this.readMain(piece, offset + filled) < piece.length) return filled;
      filled += piece.length;
    }
    return Math.max(0, end);
  }
}

function openIfThere(file: string): number | undefined {
  try {
    return openSync(file, 'r');
  } catch {
    return undefined;
  }
}

/** A file beside it that is left over from another database of that name has other pages. */
function fits(main: number, { pageSize }: PageOverlay): boolean {
  const header = headerOf(main);
  return header === undefined || header.pageSize === pageSize;
}

interface Header {
  readonly pageSize: number;
  /** 0 where the writer did not keep it up to date. */
  readonly pageCount: number;
}

/** Format: https://www.sqlite.org/fileformat2.html#the_database_header */
function headerOf(descriptor: number): Header | undefined {
  const bytes = new Uint8Array(100);
  if (readFully(descriptor, bytes, 0) < bytes.length) return undefined;
  const view = new DataView(bytes.buffer);
  const told = view.getUint16(16);
  const pageSize = told === 1 ? 65536 : told;
  if (!isPageSize(pageSize)) return undefined;
  const isKept = view.getUint32(24) === view.getUint32(92);
  return { pageSize, pageCount: isKept ? view.getUint32(28) : 0 };
}
