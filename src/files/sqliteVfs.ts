import type { Sqlite3Static } from '@sqlite.org/sqlite-wasm';
import type { SqlitePages } from './sqlitePages';

/** The name under which SQLite knows the files of `DatabaseFiles`. */
export const READ_ONLY_VFS = 'imcot-read-only';

/** Bytes of a database's header. */
const HEADER = 100;

interface Struct {
  readonly structInfo: { readonly sizeof: number };
}

/** The Julian day on which 1970 began. */
const JULIAN_1970 = 2440587.5;

/**
 * The file system that SQLite sees: databases that were put under a name, and nothing else; whatever would write fails.
 * Interface: https://www.sqlite.org/vfs.html
 */
export class DatabaseFiles {
  private readonly named = new Map<string, SqlitePages>();
  /** By the address of SQLite's own object of an open file. */
  private readonly open = new Map<number, SqlitePages>();
  private last = 0;

  constructor(private readonly sqlite: Sqlite3Static) {
    const { capi, vfs } = sqlite;
    const io = new capi.sqlite3_io_methods();
    const system = new capi.sqlite3_vfs();
    // The package's types write this one without its dollar sign, and miss the next one where it is.
    (io as unknown as { $iVersion: number }).$iVersion = 1;
    system.$iVersion = 1;
    system.$szOsFile = (capi.sqlite3_file as unknown as Struct).structInfo.sizeof;
    system.$mxPathname = 64;
    vfs.installVfs({
      io: { struct: io, methods: this.ioMethods() },
      vfs: { struct: system, name: READ_ONLY_VFS, methods: this.systemMethods(io.pointer) },
    });
  }

  /** Makes a database known; returns the name to open it by. */
  add(pages: SqlitePages): string {
    const name = `database-${++this.last}`;
    this.named.set(name, pages);
    return name;
  }

  remove(name: string): void {
    this.named.delete(name);
  }

  private ioMethods(): object {
    const { capi, wasm } = this.sqlite;
    return {
      xClose: (file: number) => {
        this.open.delete(file);
        return 0;
      },
      xRead: (file: number, target: number, length: number, offset: bigint) => {
        const bytes = wasm.heap8u().subarray(target, target + length);
        try {
          const filled = this.open.get(file)?.read(bytes, Number(offset)) ?? 0;
          if (filled === length) return 0;
          bytes.fill(0, filled);
          // A page that is not all there would read as rows of zeros. The first one holds the names of tables only, and
          // is short of its length in a file that is empty or no database.
          const mayBeShort = length <= HEADER || Number(offset) === 0;
          return mayBeShort ? capi.SQLITE_IOERR_SHORT_READ : capi.SQLITE_CORRUPT;
        } catch {
          return capi.SQLITE_IOERR_READ;
        }
      },
      xWrite: () => capi.SQLITE_IOERR_WRITE,
      xTruncate: () => capi.SQLITE_IOERR_TRUNCATE,
      xSync: () => 0,
      xFileSize: (file: number, out: number) => {
        try {
          poke(wasm, out, BigInt(this.open.get(file)?.size ?? 0), 'i64');
          return 0;
        } catch {
          return capi.SQLITE_IOERR_FSTAT;
        }
      },
      // Others may hold what locks they like: what is read is what the last transaction left.
      xLock: () => 0,
      xUnlock: () => 0,
      xCheckReservedLock: (_file: number, out: number) => {
        poke(wasm, out, 0, 'i32');
        return 0;
      },
      xFileControl: () => capi.SQLITE_NOTFOUND,
      xSectorSize: () => 4096,
      xDeviceCharacteristics: () => 0,
    };
  }

  private systemMethods(methods: number): object {
    const { capi, wasm } = this.sqlite;
    return {
      xOpen: (_vfs: number, name: number, file: number, _flags: number, outFlags: number) => {
        const pages = this.named.get(wasm.cstrToJs(name) ?? '');
        // A temporary file has no name here: SQLite then sorts in memory.
        if (!pages) return capi.SQLITE_CANTOPEN;
        const struct = new capi.sqlite3_file(file);
        struct.$pMethods = methods;
        struct.dispose();
        this.open.set(file, pages);
        if (outFlags !== 0) poke(wasm, outFlags, capi.SQLITE_OPEN_READONLY, 'i32');
        return 0;
      },
      xDelete: () => capi.SQLITE_IOERR_DELETE,
      xAccess: (_vfs: number, _name: number, _flags: number, out: number) => {
        poke(wasm, out, 0, 'i32');
        return 0;
      },
      xFullPathname: (_vfs: number, name: number, length: number, out: number) =>
        wasm.cstrncpy(out, name, length) < length ? 0 : capi.SQLITE_CANTOPEN,
      xGetLastError: () => 0,
      xSleep: () => 0,
      xRandomness: (_vfs: number, length: number, out: number) => {
        wasm.heap8u().fill(0, out, out + length);
        return length;
      },
      xCurrentTime: (_vfs: number, out: number) => {
        poke(wasm, out, JULIAN_1970 + Date.now() / 86_400_000, 'f64');
        return 0;
      },
    };
  }
}

/** The package's types know no 64-bit integers. */
function poke(wasm: Sqlite3Static['wasm'], address: number, value: number | bigint, kind: string): void {
  (wasm.poke as (address: number, value: number | bigint, kind: string) => unknown)(address, value, kind);
}
