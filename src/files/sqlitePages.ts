import { closeSync, fstatSync, openSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileError } from './fileErrors';
import { readJournal } from './sqliteJournal';
import type { PageOverlay } from './sqliteWal';
import { isPageSize, readFully, readWal } from './sqliteWal';

/** Where the header keeps the versions of reading and writing: 2 means that there is a write-ahead log, 1 that there is none. */
const VERSIONS = [18, 19];
/** Databases up to this many bytes are read at once, into memory, at a moment at which nobody writes to them. */
export const HELD_UP_TO = 64 * 1024 * 1024;
/** How often such a moment is waited for. */
const TRIES = 30;

/**
 * The bytes of an SQLite database as its last committed transaction left them. What stands in the write-ahead log or in
 * the journal of a transaction that has not ended is put in its place, and the header says that there is no log, so that
 * whoever reads these bytes as a database needs no other file, no lock, and nothing written.
 */
export class SqlitePages {
  private constructor(
    private readonly content: Content,
    private readonly files: readonly number[],
  ) {}

  /**
   * @param heldUpTo a larger database is read page by page, and what is read of it may be torn while somebody writes to it
   * @throws ImcotError `missing`, `denied`
   */
  static async open(file: string, heldUpTo: number): Promise<SqlitePages> {
    for (let left = TRIES; ; left--) {
      const files = new DatabaseFile(file);
      try {
        const before = files.state();
        const content = files.content();
        if (content.size > heldUpTo) return new SqlitePages(content, files.release());
        const bytes = new Uint8Array(content.size);
        const held = heldContent(bytes.subarray(0, content.read(bytes, 0)), content.size);
        if (files.state() === before || left <= 1) return new SqlitePages(held, []);
      } finally {
        files.close();
      }
      // Writers mostly rest: a step of training takes longer than it takes to log it.
      await delay(3 + 2 * (TRIES - left));
    }
  }

  /** In bytes; of a database that was cut off, those that it had, so that its first pages can be read all the same. */
  get size(): number {
    return this.content.size;
  }

  /** Fills `target` from `offset` as far as the database goes; returns the number of bytes. */
  read(target: Uint8Array, offset: number): number {
    const filled = this.content.read(target, offset);
    for (const place of VERSIONS) {
      const at = place - offset;
      if (at >= 0 && at < filled && target[at] === 2) target[at] = 1;
    }
    return filled;
  }

  close(): void {
    for (const descriptor of this.files) closeSync(descriptor);
  }
}

interface Content {
  readonly size: number;
  read(target: Uint8Array, offset: number): number;
}

function heldContent(bytes: Uint8Array, size: number): Content {
  return {
    size,
    read: (target, offset) => {
      const piece = bytes.subarray(offset, offset + target.length);
      target.set(piece);
      return piece.length;
    },
  };
}

/** A database and what stands beside it, open for reading. */
class DatabaseFile {
  private readonly main: number;
  private readonly beside: readonly { readonly descriptor: number; readonly read: typeof readWal }[];
  private isReleased = false;

  constructor(private readonly file: string) {
    try {
      this.main = openSync(file, 'r');
    } catch (thrown) {
      throw fileError(thrown, file);
    }
    const wal = openIfThere(`${file}-wal`);
    const journal = openIfThere(`${file}-journal`);
    this.beside = [
      ...(wal === undefined ? [] : [{ descriptor: wal, read: readWal }]),
      ...(journal === undefined ? [] : [{ descriptor: journal, read: readJournal }]),
    ];
  }

  /** What is different after somebody has written to the database itself. Additions to the log change nothing of it. */
  state(): string {
    const { mtimeNs, size } = fstatSync(this.main, { bigint: true });
    const pieces = [piece(this.main, 24, 16)];
    const [wal, journal] = ['-wal', '-journal'].map((ending) => openIfThere(this.file + ending));
    if (wal !== undefined) pieces.push('wal', piece(wal, 0, 32));
    if (journal !== undefined) pieces.push('journal', piece(journal, 0, 32), String(fstatSync(journal).size));
    // How far the log has been brought into the database, and how far it is about to be.
    const shared = openIfThere(`${this.file}-shm`);
    if (shared !== undefined) pieces.push('shm', piece(shared, 96, 4), piece(shared, 128, 4));
    for (const descriptor of [wal, journal, shared]) if (descriptor !== undefined) closeSync(descriptor);
    return [mtimeNs, size, ...pieces].join(' ');
  }

  content(): Content {
    for (const { descriptor, read } of this.beside) {
      const overlay = read(descriptor, fstatSync(descriptor).size);
      if (overlay && fits(this.main, overlay)) return overlaidContent(this.main, overlay);
    }
    const { main } = this;
    const { size } = fstatSync(main);
    const header = headerOf(main);
    return {
      size: header ? Math.max(size, header.pageSize * header.pageCount) : size,
      read: (target, offset) => readFully(main, target, offset),
    };
  }

  /** Hands the open files over: from now on they are to be closed by who has them. */
  release(): readonly number[] {
    this.isReleased = true;
    return [this.main, ...this.beside.map(({ descriptor }) => descriptor)];
  }

  close(): void {
    if (this.isReleased) return;
    for (const descriptor of this.release()) closeSync(descriptor);
  }
}

function overlaidContent(main: number, overlay: PageOverlay): Content {
  const { pageSize, pageCount } = overlay;
  const page = new Uint8Array(pageSize);
  return {
    size: pageCount * pageSize,
    read: (target, offset) => {
      const end = Math.max(0, Math.min(target.length, pageCount * pageSize - offset));
      for (let filled = 0; filled < end;) {
        const index = Math.floor((offset + filled) / pageSize);
        const inside = offset + filled - index * pageSize;
        const part = target.subarray(filled, Math.min(end, filled + pageSize - inside));
        if (overlay.readPage(index + 1, page)) part.set(page.subarray(inside, inside + part.length));
        else if (readFully(main, part, offset + filled) < part.length) return filled;
        filled += part.length;
      }
      return end;
    },
  };
}

/** Bytes of a file as text, for comparing; what is beyond its end is missing. */
function piece(descriptor: number, offset: number, length: number): string {
  const bytes = new Uint8Array(length);
  try {
    return bytes.subarray(0, readFully(descriptor, bytes, offset)).join(',');
  } catch {
    // Some systems keep others from reading what a writer has locked.
    return '';
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
