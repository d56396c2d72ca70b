/** Numbers of a full block. Blocks are never copied, and of a long column at most one is partly empty. */
const BLOCK = 8192;
const SHIFT = 13;

/** Numbers that are appended one by one and read by position: a list that keeps eight bytes for each. */
export class NumberColumn {
  private readonly full: Float64Array[] = [];
  private block = new Float64Array(16);
  /** Numbers in `block`. */
  private used = 0;

  get length(): number {
    return this.full.length * BLOCK + this.used;
  }

  push(value: number): void {
    if (this.used === this.block.length) this.makeRoom();
    this.block[this.used++] = value;
  }

  /** NaN beyond the end. */
  at(index: number): number {
    const block = this.full[index >>> SHIFT];
    if (block) return block[index & (BLOCK - 1)] as number;
    const place = index - this.full.length * BLOCK;
    return place < this.used ? (this.block[place] as number) : NaN;
  }

  private makeRoom(): void {
    const { block } = this;
    if (block.length === BLOCK) {
      this.full.push(block);
      this.block = new Float64Array(BLOCK);
      this.used = 0;
      return;
    }
    // Most columns of a log are short.
    this.block = new Float64Array(Math.min(BLOCK, block.length * 4));
    this.block.set(block);
  }
}
