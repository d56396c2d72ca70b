import { createHash } from 'node:crypto';
import path from 'node:path';
import type { Trajectory } from '../trajectory/trajectory';

/** What two sources are compared by. */
export interface SourceContent {
  readonly path: string;
  /** Rollouts that could be read. */
  readonly records: number;
  /** How many of them carry a verdict. */
  readonly judged: number;
  /** Equal for equal rollouts (questions, images, model texts, predictions, steps), whatever their order. */
  readonly rollouts: string;
  /** Equal for equal verdicts on equal rollouts. */
  readonly verdicts: string;
}

/**
 * Sum of SHA-256 digests: the same in any order, since judges that work in parallel may write rows as they are done.
 * Not an exclusive or, in which a row that stands twice would vanish.
 */
class DigestSum {
  private sum = 0n;

  add(digest: bigint): void {
    this.sum = BigInt.asUintN(256, this.sum + digest);
  }

  text(): string {
    return this.sum.toString(16);
  }
}

/** Digests a source's rollouts one after the other, in constant memory. */
export class ContentDigest {
  private readonly all = new DigestSum();
  private readonly right = new DigestSum();
  private readonly wrong = new DigestSum();
  private records = 0;
  private judged = 0;

  add(trajectory: ComparedRollout): void {
    this.records++;
    const digest = digestOf(trajectory);
    this.all.add(digest);
    if (!trajectory.verdict) return;
    this.judged++;
    (trajectory.verdict.correct ? this.right : this.wrong).add(digest);
  }

  /** Ends the digest. */
  content(sourcePath: string): SourceContent {
    return {
      path: sourcePath,
      records: this.records,
      judged: this.judged,
      rollouts: this.all.text(),
      verdicts: `${this.right.text()} ${this.wrong.text()}`,
    };
  }
}

/** What of a rollout is compared. */
type ComparedRollout = Pick<Trajectory, 'prompt' | 'turns' | 'prediction' | 'step' | 'verdict'>;

function digestOf({ prompt, prediction, turns, step }: ComparedRollout): bigint {
  const images = prompt.images.map((image) =>
    image.kind === 'file' ? image.path : image.kind === 'inline' ? image.hash : '',
  );
  // As JSON, so that no two different lists of texts run together to the same bytes.
  const key = [prompt.question, images, prediction ?? null, turns.map((turn) => turn.raw), step ?? null];
  return BigInt(`0x${createHash('sha256').update(JSON.stringify(key)).digest('hex')}`);
}

/** A name without what DeepEyes' judging scripts append to it. */
const unjudgedName = (file: string): string => path.basename(file).replace(/(_tmp)?_acc(?=\.\w+$)/, '');

/** Of several candidates the one in the same folder, of the same name but for the judge's ending, or the first. */
function closest(file: string, candidates: readonly SourceContent[]): SourceContent | undefined {
  const closeness = (candidate: SourceContent): number =>
    (path.dirname(candidate.path) === path.dirname(file) ? 2 : 0) +
    (unjudgedName(candidate.path) === unjudgedName(file) ? 1 : 0);
  let best: SourceContent | undefined;
  for (const candidate of candidates) {
    if (!best || closeness(candidate) > closeness(best)) best = candidate;
  }
  return best;
}

/**
 * Finds the sources whose rollouts stand in another source too and that must not be counted twice: a copy of a source
 * with the same verdicts (or none), and a file without verdicts whose rollouts stand in a judged one. Equality of
 * content decides; names only choose among equals. Two different judgements of the same rollouts both count.
 * @returns path of each superseded source to the path of the one that counts
 */
export function findSuperseded(contents: readonly SourceContent[]): ReadonlyMap<string, string> {
  const superseded = new Map<string, string>();
  const byRollouts = new Map<string, SourceContent[]>();
  for (const content of contents) {
    if (content.records === 0) continue;
    const twins = byRollouts.get(content.rollouts);
    if (twins) twins.push(content);
    else byRollouts.set(content.rollouts, [content]);
  }
  for (const twins of byRollouts.values()) {
    const firsts: SourceContent[] = [];
    for (const twin of twins) {
      const original = firsts.find((other) => other.verdicts === twin.verdicts);
      if (original) superseded.set(twin.path, original.path);
      else firsts.push(twin);
    }
    const judged = twins.filter((twin) => twin.judged > 0 && firsts.includes(twin));
    for (const twin of twins.filter((content) => content.judged === 0)) {
      const winner = closest(twin.path, judged);
      if (winner) superseded.set(twin.path, winner.path);
    }
  }
  return superseded;
}
