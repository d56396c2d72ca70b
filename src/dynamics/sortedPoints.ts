/** Points by step, each with the place it was read from: two lists that stay sorted while points come. */
export class SortedPoints {
  private stepData = new Float64Array(64);
  private placeData = new Float64Array(64);
  private used = 0;

  get length(): number {
    return this.used;
  }

  /** Minus infinity without a point. */
  get lastStep(): number {
    return this.used > 0 ? (this.stepData[this.used - 1] as number) : -Infinity;
  }

  get steps(): Float64Array {
    return this.stepData.subarray(0, this.used);
  }

  get places(): Float64Array {
    return this.placeData.subarray(0, this.used);
  }

  /** Adds a point whose step is at least the last one's; at the same step it replaces that one. */
  append(step: number, place: number): void {
    if (this.used > 0 && this.stepData[this.used - 1] === step) {
      this.placeData[this.used - 1] = place;
      return;
    }
    if (this.used === this.stepData.length) this.reserve(this.used * 2);
    this.stepData[this.used] = step;
    this.placeData[this.used++] = place;
  }

  /** Adds points of any steps, in the order in which they were written: of several at one step the last counts. */
  merge(steps: readonly number[], places: readonly number[]): void {
    const order = Uint32Array.from(steps, (_, at) => at).sort(
      (a, b) => (steps[a] as number) - (steps[b] as number) || a - b,
    );
    const before = { steps: this.stepData, places: this.placeData, length: this.used };
    this.used = 0;
    this.reserve(Math.max(64, before.length + steps.length));
    let old = 0;
    for (const at of order) {
      const step = steps[at] as number;
      for (; old < before.length && (before.steps[old] as number) <= step; old++)
        this.append(before.steps[old] as number, before.places[old] as number);
      this.append(step, places[at] as number);
    }
    for (; old < before.length; old++) this.append(before.steps[old] as number, before.places[old] as number);
  }

  private reserve(size: number): void {
    const [steps, places] = [new Float64Array(size), new Float64Array(size)];
    steps.set(this.steps);
    places.set(this.places);
    [this.stepData, this.placeData] = [steps, places];
  }
}
