/** Lines of one block of memory: a table that grows never copies what it has, which would stop everything else. */
const BLOCK_LINES = 1 << 16;

/**
 * The lines of an event log in the order of the file, each with the line that goes on with the same record: 12 bytes a
 * line, since a streamed rollout writes a line for every few characters and a log may hold tens of millions.
 */
export class EventLines {
  private readonly starts: Float64Array[] = [];
  /** For each line the next one of its record, or 0: no line is followed by the file's first. */
  private readonly followers: Uint32Array[] = [];
  private readonly firsts: number[] = [];
  private readonly lasts: number[] = [];
  private lines = 0;

  /** Records so far. */
  get records(): number {
    return this.firsts.length;
  }

  /**
   * Takes the next line of the file.
   * @param start its first byte
   * @param record the record that it goes on with; undefined when it begins one
   * @returns the record's number
   */
  add(start: number, record: number | undefined): number {
    const line = this.lines++;
    const [block, at] = [Math.floor(line / BLOCK_LINES), line % BLOCK_LINES];
    if (at === 0) {
      this.starts.push(new Float64Array(BLOCK_LINES));
      this.followers.push(new Uint32Array(BLOCK_LINES));
    }
    (this.starts[block] as Float64Array)[at] = start;
    if (record === undefined) {
      this.firsts.push(line);
      this.lasts.push(line);
      return this.firsts.length - 1;
    }
    const last = this.lasts[record] as number;
    (this.followers[Math.floor(last / BLOCK_LINES)] as Uint32Array)[last % BLOCK_LINES] = line;
    this.lasts[record] = line;
    return record;
  }

  /**
   * The lines of a record, in file order: the start of each, and where at the latest it has ended.
   * @param end where the last line of all has ended
   */
  *of(record: number, end: number): Generator<{ readonly start: number; readonly limit: number }> {
    let line = this.firsts[record];
    while (line !== undefined) {
      yield { start: this.startOf(line), limit: line + 1 < this.lines ? this.startOf(line + 1) : end };
      line = this.followers[Math.floor(line / BLOCK_LINES)]?.[line % BLOCK_LINES] || undefined;
    }
  }

  private startOf(line: number): number {
    return (this.starts[Math.floor(line / BLOCK_LINES)] as Float64Array)[line % BLOCK_LINES] as number;
  }
}
