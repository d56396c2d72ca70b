import { errorMessage } from '../../src/common/errors';

/** How near is near enough. `exact` counts what differs; `steps` are distances between neighbouring float32 numbers. */
export type Tolerance =
  | { readonly unit: 'exact' }
  | { readonly unit: 'absolute'; readonly most: number }
  | { readonly unit: 'steps'; readonly most: number };

export const EXACT: Tolerance = { unit: 'exact' };
export const within = (most: number): Tolerance => ({ unit: 'absolute', most });
export const withinSteps = (most: number): Tolerance => ({ unit: 'steps', most });

/** One kind of value: how many cases there are, how many were compared, and how far off the worst was. */
export class Kind {
  present = 0;
  used = 0;
  /** Cases that are rightly not compared; the reasons stand in `notes`. */
  excused = 0;
  largest = 0;
  readonly notes: string[] = [];
  readonly failures: string[] = [];

  constructor(
    readonly name: string,
    readonly tolerance: Tolerance,
  ) {}

  /** Says how many more cases the files hold, before any of them is compared. */
  expect(cases: number): void {
    this.present += cases;
  }

  /** Compares: `error` is in the unit of the tolerance. */
  compared(place: string, error: number, cases = 1): void {
    this.used += cases;
    if (!(error <= this.largest)) this.largest = Number.isNaN(error) ? Infinity : error;
    if (!(error <= this.most)) this.failures.push(`${place}: off by ${this.inWords(error)}`);
  }

  /** Runs a comparison; one that throws is a failure of its place. */
  async check(place: string, error: () => number | Promise<number>): Promise<void> {
    try {
      this.compared(place, await error());
    } catch (thrown) {
      this.failures.push(`${place}: ${errorMessage(thrown)}`);
    }
  }

  /** These cases are not compared, and that is right. */
  excuse(cases: number, reason: string): void {
    this.excused += cases;
    if (!this.notes.includes(reason)) this.notes.push(reason);
  }

  private get most(): number {
    return this.tolerance.unit === 'exact' ? 0 : this.tolerance.most;
  }

  /** What is wrong, in sentences. */
  get faults(): readonly string[] {
    const faults = [...this.failures];
    if (this.present === 0) faults.push('there is no case of this kind');
    else if (this.used + this.excused !== this.present) {
      faults.push(`${this.used} of ${this.present} cases used, ${this.excused} rightly left out`);
    }
    return faults;
  }

  private inWords(error: number): string {
    if (this.tolerance.unit === 'exact') return `${error} of its values`;
    return this.tolerance.unit === 'steps' ? `${error} steps of float32` : error.toExponential(2);
  }

  /** The largest error and the limit, for a person. */
  get errorInWords(): string {
    if (this.tolerance.unit === 'exact') return this.largest === 0 ? 'exact' : `${this.largest} differ`;
    const limit = this.tolerance.unit === 'steps' ? `${this.most} steps` : this.most.toExponential(1);
    return `${this.inWords(this.largest)} (at most ${limit})`;
  }
}

/** All kinds, and what else is to be said. */
export class Report {
  readonly kinds: Kind[] = [];
  /** On what it ran, and what was left out by request. */
  readonly remarks: string[] = [];
  /** What is wrong with the folder or the run as a whole. */
  readonly faults: string[] = [];

  kind(name: string, tolerance: Tolerance): Kind {
    const known = this.kinds.find((kind) => kind.name === name);
    if (known) return known;
    const kind = new Kind(name, tolerance);
    this.kinds.push(kind);
    return kind;
  }

  get passed(): boolean {
    return (
      this.kinds.length > 0 &&
      this.faults.length === 0 &&
      this.kinds.every(({ faults }) => faults.length === 0)
    );
  }

  /** A line per kind, its faults under it, and the sum. */
  lines(): readonly string[] {
    const width = Math.max(0, ...this.kinds.map(({ name }) => name.length));
    const lines = this.remarks.map((remark) => `# ${remark}`);
    for (const kind of this.kinds) {
      const counts = `${kind.used} of ${kind.present}`.padStart(12);
      const notes = kind.notes.map((note) => `; ${note}`).join('');
      const word = kind.faults.length === 0 ? 'ok  ' : 'FAIL';
      lines.push(`${word} ${kind.name.padEnd(width)} ${counts} used, ${kind.errorInWords}${notes}`);
      lines.push(...shortened(kind.faults));
    }
    lines.push(
      ...shortened(
        this.faults.map((fault) => `FAIL ${fault}`),
        200,
      ),
    );
    const failed = this.kinds.filter(({ faults }) => faults.length > 0).length;
    lines.push(
      this.passed
        ? `parity: all ${this.kinds.length} kinds agree`
        : `parity: ${failed} of ${this.kinds.length} kinds and ${this.faults.length} other things FAILED`,
    );
    return lines;
  }

  toJson(): unknown {
    const kinds = this.kinds.map((kind) => ({
      kind: kind.name,
      used: kind.used,
      present: kind.present,
      excused: kind.excused,
      largestError: Number.isFinite(kind.largest) ? kind.largest : 'infinite',
      tolerance: kind.tolerance,
      notes: kind.notes,
      faults: kind.faults,
    }));
    return { passed: this.passed, remarks: this.remarks, kinds, faults: this.faults };
  }
}

function shortened(sentences: readonly string[], most = 12): readonly string[] {
  const shown = sentences.slice(0, most).map((sentence) => `       ${sentence}`);
  return sentences.length > most ? [...shown, `       and ${sentences.length - most} more`] : shown;
}
