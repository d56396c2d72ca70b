/** Numbers that are appended one by one and read as a whole: a list that keeps eight bytes for each. */
export class NumberColumn {
  private data = new Float64Array(64);
  private used = 0;

  get length(): number {
    return this.used;
  }

  push(value: number): void {
    if (this.used === this.data.length) {
      const larger = new Float64Array(this.data.length * 2);
      larger.set(this.data);
      this.data = larger;
    }
    this.data[this.used++] = value;
  }

  /** NaN beyond the end. */
  at(index: number): number {
    return index < this.used ? (this.data[index] as number) : NaN;
  }

  /** What is there now. Valid until the next `push`. */
  get view(): Float64Array {
    return this.data.subarray(0, this.used);
  }
}
