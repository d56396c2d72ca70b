import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** A folder for the files of one test. */
export class ScratchFolder {
  readonly path = mkdtempSync(path.join(os.tmpdir(), 'imcot-test-'));

  /** Writes a file, the folders above it included. @returns its path */
  write(name: string, content: string | Uint8Array): string {
    const file = path.join(this.path, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
  }

  remove(): void {
    rmSync(this.path, { recursive: true });
  }
}
