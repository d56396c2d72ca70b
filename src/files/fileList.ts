import type { LogFile } from './logFile';

/** Where a record of a source stands. */
export interface RecordAddress {
  readonly file: LogFile;
  /** Position among the file's own records. */
  readonly local: number;
}

/** The files of a source one behind the other, so that all their records are numbered from 0. */
export class FileList {
  /** Position of the first record of each file, as far as it is known: all files before must be settled. */
  private starts: number[] = [];
  private known = 0;
  private dirty = true;

  constructor(private files: LogFile[]) {}

  get all(): readonly LogFile[] {
    return this.files;
  }

  get last(): LogFile | undefined {
    return this.files.at(-1);
  }

  /** Records that can be asked for. */
  get count(): number {
    this.refresh();
    return this.known;
  }

  /** To be called when any file's count or state has changed. */
  changed(): void {
    this.dirty = true;
  }

  replace(old: LogFile, by: LogFile): void {
    this.files = this.files.map((file) => (file === old ? by : file));
    this.dirty = true;
  }

  set(files: LogFile[]): void {
    this.files = files;
    this.dirty = true;
  }

  /** Where a record is found; `undefined` when it is not known (yet). */
  locate(index: number): RecordAddress | undefined {
    this.refresh();
    if (!Number.isInteger(index) || index < 0 || index >= this.known) return undefined;
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.starts[middle] as number) <= index) low = middle;
      else high = middle - 1;
    }
    const file = this.files[low];
    return file && { file, local: index - (this.starts[low] as number) };
  }

  private refresh(): void {
    if (!this.dirty) return;
    this.dirty = false;
    this.starts = [];
    this.known = 0;
    for (const file of this.files) {
      this.starts.push(this.known);
      this.known += file.count;
      if (!file.indexed && file.failure === undefined) break;
    }
  }
}
