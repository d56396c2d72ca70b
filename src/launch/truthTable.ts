import type { BoundingBox } from '../common/boundingBox';
import { sameBox } from '../common/boundingBox';
import type { TruthEntry } from './truthRecord';

/** What a rollout was asked, and about which picture. */
export interface AskedAbout {
  /** Path or name of the picture as the log has it; undefined where the log has none. */
  readonly image: string | undefined;
  readonly question: string;
  /** The user's whole text: a file may hold the question with the options that stood under it, or without. */
  readonly user: string;
}

/** Boxes by picture and question. */
export class TruthTable {
  private readonly byStem = new Map<string, TruthEntry[]>();
  private readonly byQuestion = new Map<string, TruthEntry[]>();

  constructor(entries: readonly TruthEntry[]) {
    for (const entry of entries) {
      if (entry.image !== undefined) push(this.byStem, stemOf(entry.image), entry);
      if (entry.question !== undefined) push(this.byQuestion, plain(entry.question), entry);
    }
  }

  /**
   * The boxes for a rollout. The picture's name must be the same, whatever its ending; of several pictures of one name that
   * whose folders are the same too, as far as they go. A record with a question is for that question alone. Undefined where
   * there is none, or where pictures of several folders fit equally well: wrong boxes are worse than none.
   */
  find(asked: AskedAbout): readonly BoundingBox[] | undefined {
    const { image } = asked;
    const named =
      image === undefined
        ? (this.byQuestion.get(plain(asked.question)) ?? [])
        : (this.byStem.get(stemOf(image)) ?? []);
    const questioned = named.filter(
      ({ question }) => question !== undefined && isQuestionOf(question, asked),
    );
    const fitting =
      questioned.length > 0 ? questioned : named.filter(({ question }) => question === undefined);
    const nearest = image === undefined ? fitting : nearestOf(fitting, image);
    const [first] = nearest;
    if (!first || nearest.some((entry) => entry.image !== first.image)) return undefined;
    return distinct(nearest.flatMap(({ boxes }) => boxes));
  }
}

/** Whether a question of a file is what a rollout was asked. */
export function isQuestionOf(question: string, asked: AskedAbout): boolean {
  const own = plain(question);
  if (own === '') return false;
  return own === plain(asked.question) || plain(asked.user).includes(own);
}

function plain(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim().toLowerCase();
}

function segmentsOf(image: string): string[] {
  return image.split(/[\\/]/).filter((part) => part !== '' && part !== '.');
}

function stemOf(image: string): string {
  return (segmentsOf(image).at(-1) ?? image).replace(/\.[a-z]{3,4}$/i, '').toLowerCase();
}

function nearestOf(entries: readonly TruthEntry[], image: string): readonly TruthEntry[] {
  const folders = segmentsOf(image).slice(0, -1).reverse();
  const common = ({ image: other }: TruthEntry): number => {
    const others = segmentsOf(other ?? '')
      .slice(0, -1)
      .reverse();
    const end = folders.findIndex((folder, i) => folder !== others[i]);
    return end < 0 ? folders.length : end;
  };
  const most = entries.reduce((best, entry) => Math.max(best, common(entry)), 0);
  return entries.filter((entry) => common(entry) === most);
}

function distinct(boxes: readonly BoundingBox[]): readonly BoundingBox[] {
  return boxes.filter((box, i) => boxes.findIndex((other) => sameBox(other, box)) === i);
}

function push<K>(map: Map<K, TruthEntry[]>, key: K, entry: TruthEntry): void {
  const list = map.get(key);
  if (list) list.push(entry);
  else map.set(key, [entry]);
}
