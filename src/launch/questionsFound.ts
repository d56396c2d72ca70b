import { stat } from 'node:fs/promises';
import path from 'node:path';
import { throwIfCancelled } from '../common/cancel';
import type { Question } from './question';
import { QuestionIds, questionKey } from './questionsId';

/** What a place of questions held. */
export interface QuestionFile {
  /** In the order of the file; each has an `id` that no other one has. */
  readonly questions: readonly Question[];
  /** What is no question, or has no picture, in sentences that name file and line; the first thousand. */
  readonly problems: readonly string[];
  /** How many there are of those, beyond the first thousand too. */
  readonly bad: number;
}

const MAX_PROBLEMS = 1000;
/** Pictures that are looked for at a time. */
const LOOKED_FOR = 128;

interface Candidate {
  readonly where: string;
  readonly question: Question;
}

/** Gathers the questions of one place, names them, and leaves out those whose picture is not there. */
export class FoundQuestions implements QuestionFile {
  readonly questions: Question[] = [];
  readonly problems: string[] = [];
  bad = 0;
  private readonly ids = new QuestionIds();
  private readonly pictures = new Map<string, Promise<boolean>>();
  private waiting: Candidate[] = [];

  /** @param folder what the paths of pictures are relative to */
  constructor(
    private readonly folder: string,
    private readonly signal?: AbortSignal,
  ) {}

  /** @param where file and line */
  refuse(where: string, problem: string): void {
    this.bad++;
    if (this.problems.length < MAX_PROBLEMS) this.problems.push(`${where}: ${problem}`);
  }

  /** @param read a question with `image` as its file has it, and perhaps the file's own name for it */
  async add(where: string, read: Question): Promise<void> {
    // Before its picture is looked for: names must not depend on what is there today.
    const id = this.ids.take(read.id ?? questionKey(read.image, read.question));
    const image = path.resolve(this.folder, read.image);
    this.waiting.push({ where, question: { ...read, image, id } });
    if (this.waiting.length >= LOOKED_FOR) await this.settle();
  }

  /** Waits for the last ones. To be called once, at the end. */
  async settle(): Promise<void> {
    throwIfCancelled(this.signal);
    const { waiting } = this;
    this.waiting = [];
    const there = await Promise.all(waiting.map(({ question }) => this.hasPicture(question.image)));
    waiting.forEach(({ where, question }, index) => {
      if (there[index] === true) this.questions.push(question);
      else this.refuse(where, `there is no picture ${question.image}.`);
    });
  }

  private hasPicture(file: string): Promise<boolean> {
    const known = this.pictures.get(file);
    if (known) return known;
    const found = stat(file).then(
      (stats) => stats.isFile(),
      () => false,
    );
    this.pictures.set(file, found);
    return found;
  }
}
