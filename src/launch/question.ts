/** A question about a picture, as a person types it or a file of questions holds it. */
export interface Question {
  /** Absolute path of the picture. */
  readonly image: string;
  readonly question: string;
  /** Texts of the options, without letters. */
  readonly options?: readonly string[];
  /** The right answer, where it is known. */
  readonly groundTruth?: string;
  /** The boxes that the answer is about, `[x1, y1, x2, y2]` in pixels of the upright picture. */
  readonly boxes?: readonly (readonly [number, number, number, number])[];
  /** What kind of question it is, as its file says. */
  readonly split?: string;
  /** The file's own name for it. */
  readonly id?: string;
}
