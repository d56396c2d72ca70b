import path from 'node:path';
import type { GroundTruthBoxes } from '../../protocol/trajectoryView';
import { boxesBeside } from '../../launch/truthBeside';
import type { AskedAbout, TruthTable } from '../../launch/truthTable';
import type { Trajectory } from '../../trajectory/trajectory';
import type { FindImage } from './imageAccess';

/** Boxes of a file that a person chose. */
export interface ChosenBoxes {
  /** Base name. */
  readonly name: string;
  readonly table: TruthTable;
}

/** Pictures of one folder that are looked at for the list before the folder counts as one without boxes. */
const TRIES = 3;

/** Finds the boxes that a rollout's answer is about. */
export class TruthBoxes {
  /** Folders of pictures as the log has them, and how many pictures in them had no boxes; 0 once one had. */
  private readonly misses = new Map<string, number>();

  /**
   * @param chosen the file that a person chose; undefined when there is none, or it can't be read now
   * @param find finds a picture that the log names
   */
  constructor(
    private readonly chosen: () => Promise<ChosenBoxes | undefined>,
    private readonly find: FindImage,
  ) {}

  /** As `ImageAccess.truthBoxes` says. */
  async of(trajectory: Trajectory, quick: boolean): Promise<GroundTruthBoxes | undefined> {
    const { groundTruthBoxes, prompt } = trajectory;
    if (groundTruthBoxes) return { boxes: groundTruthBoxes, from: 'record' };
    const [first] = prompt.images;
    const image = first?.kind === 'file' ? first.path : undefined;
    const asked: AskedAbout = { image, question: prompt.question, user: prompt.user };
    const chosen = await this.chosen();
    const boxes = chosen?.table.find(asked);
    if (chosen && boxes) return { boxes, from: 'chosenFile', name: chosen.name };
    return image === undefined ? undefined : this.beside(image, asked, quick);
  }

  private async beside(
    image: string,
    asked: AskedAbout,
    quick: boolean,
  ): Promise<GroundTruthBoxes | undefined> {
    const folder = path.posix.dirname(image);
    const misses = this.misses.get(folder);
    if (quick && misses !== undefined && misses >= TRIES) return undefined;
    const found = await this.find(image).catch(() => undefined);
    const beside = found?.status === 'found' ? await boxesBeside(found.path, asked) : undefined;
    if (beside) this.misses.set(folder, 0);
    else if (misses !== 0) this.misses.set(folder, (misses ?? 0) + 1);
    return beside && { boxes: beside.boxes, from: 'besideImage', name: beside.name };
  }
}
