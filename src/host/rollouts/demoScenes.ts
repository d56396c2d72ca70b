import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { errorMessage, ImcotError } from '../../common/errors';
import { isInside } from '../trust';

/** A picture that ships, and a question to ask about it. */
export interface DemoScene {
  /** Absolute. */
  readonly image: string;
  readonly question: string;
  /** The right answer. */
  readonly answer?: string;
  readonly boxes?: readonly (readonly [number, number, number, number])[];
}

const QUESTIONS = 'questions.jsonl';

/** What is said where the demo model is asked about a picture that is not of its kind. */
export const DEMO_NOTE =
  'The demo model was trained on drawn scenes only, such as those of "Open Demo". What it says about other pictures ' +
  'shows how a rollout goes, and no more.';

/** The pictures that ship with the demo model, in a folder with a list of questions. */
export class DemoScenes {
  /** @param folder absolute */
  constructor(private readonly folder: string) {}

  /**
   * All scenes, in the order of the list.
   * @throws ImcotError `missing` when this build ships none
   */
  async list(): Promise<readonly DemoScene[]> {
    const file = path.join(this.folder, QUESTIONS);
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (thrown) {
      const why = `This build ships no demo pictures: ${file} can't be read (${errorMessage(thrown)}).`;
      throw new ImcotError('missing', why, { cause: thrown });
    }
    return text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => this.scene(JSON.parse(line) as DemoScene));
  }

  /** Whether a local file is one of these pictures. */
  has(file: string): boolean {
    return isInside(file, this.folder);
  }

  private scene({ image, question, answer, boxes }: DemoScene): DemoScene {
    return {
      image: path.join(this.folder, image),
      question,
      ...(answer !== undefined && { answer }),
      ...(boxes && { boxes }),
    };
  }
}
