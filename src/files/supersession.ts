import { createHash } from 'node:crypto';
import path from 'node:path';
import type { Trajectory } from '../trajectory/trajectory';

/** What two sources are compared by. Digests are lower-case hex SHA-256. */
export interface SourceContent {
  readonly path: string;
  /** Rollouts that could be read. */
  readonly records: number;
  /** How many of them carry a verdict. */
  readonly judged: number;
  /** Of questions, images, model texts and predictions, in order. */
  readonly rollouts: string;
  /** Of the verdicts, in order. */
  readonly verdicts: string;
}

/** Digests a source's rollouts one after the other, in constant memory. */
export class ContentDigest {
  private readonly rollouts = createHash('sha256');
  private readonly verdicts = createHash('sha256');
  private records = 0;
  private judged = 0;

  add(trajectory: Trajectory): void {
    this.records++;
    if (trajectory.verdict) this.judged++;
    const { prompt, prediction, turns, step } = trajectory;
    const images = prompt.images.map((image) =>
      image.kind === 'file' ? image.path : image.kind === 'inline' ? image.hash : '',
    );
    // As JSON, so that no two different lists of texts run together to the same bytes.
    const key = [prompt.question, images, prediction ?? null, turns.map((turn) => turn.raw), step ?? null];
    this.rollouts.update(`${JSON.stringify(key)}\n`);
    this.verdicts.update(`${String(trajectory.verdict?.correct)}\n`);
  }

  /** Ends the digest. */
  content(sourcePath: string): SourceContent {
    return {
      path: sourcePath,
      records: this.records,
      judged: this.judged,
      rollouts: this.rollouts.digest('hex'),
      verdicts: this.verdicts.digest('hex'),
    };
  }
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

/** A judged file and its copy from an earlier run of the judge: one folder, one name, equal verdicts. */
function isCopy(a: SourceContent, b: SourceContent): boolean {
  return (
    a.verdicts === b.verdicts &&
    path.dirname(a.path) === path.dirname(b.path) &&
    unjudgedName(a.path) === unjudgedName(b.path)
  );
}

/**
 * Finds the sources whose rollouts stand in another source too and that must not be counted twice: a file without
 * verdicts whose rollouts, record for record, stand in a judged one. Equality of content decides; names only choose
 * among equals.
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
    const judged: SourceContent[] = [];
    for (const twin of twins.filter((content) => content.judged > 0)) {
      const earlier = judged.find((other) => isCopy(other, twin));
      if (earlier) superseded.set(twin.path, earlier.path);
      else judged.push(twin);
    }
    for (const twin of twins.filter((content) => content.judged === 0)) {
      const winner = closest(twin.path, judged);
      if (winner) superseded.set(twin.path, winner.path);
    }
  }
  return superseded;
}
