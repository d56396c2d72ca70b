import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { seededNumbers } from '../../src/inference/randomNumbers';
import { writePicture } from '../../test/integration/support/samples';
import { readLog } from '../../test/support/demoModel';
import { runCommand } from './commandRun';
import type { CommandRun } from './commandRun';
import { drawMoment } from './moments';
import { endOf, numbersById, pictureProblems, readPlainLog, textsOf } from './plainLog';
import { processesWith, untilGone } from './traces';

const ROOT = path.join(__dirname, '../..');
const QUESTIONS = 3;
/** A model's process whose command line died must be gone by itself after so long. */
const ORPHAN_MS = 5000;
/** Programs that the command line starts, and itself. */
const PROGRAMS = ['cli.js', 'inferenceWorker.js', 'indexWorker.js', 'quantiseWorker.js'];
const OWN_ENDS = ['finished', 'length', 'turnLimit'];

/** What to torture, and where. */
export interface CommandTorture {
  /** An empty folder inside the project; gets a copy of the built command line, whose processes nobody else has. */
  readonly programs: string;
  /** Made and filled; the caller removes it. */
  readonly workFolder: string;
  readonly rounds: number;
  readonly seed: number;
  readonly onRound?: (line: string) => void;
}

/** What came of it. */
export interface CommandTortureReport {
  /** Lines that were printed before the kills, all rounds together. */
  readonly printed: number;
  /** The longest that a model's process outlived the command, in milliseconds. */
  readonly longestOrphan: number;
  readonly problems: readonly string[];
}

/** A way to play the questions, and how that goes when nobody kills it. */
interface Manner {
  readonly name: string;
  /** A file in the work folder. */
  readonly questions: string;
  readonly words: readonly string[];
  sample?: CommandRun & { readonly texts: ReadonlyMap<string, readonly string[]> };
}

/**
 * Kills `imcot run --json` while it plays, and looks after each kill whether every line that it printed is in the log,
 * the model's process goes away, the log can be read and shown, and the same command goes on with it.
 */
export async function tortureCommand(options: CommandTorture): Promise<CommandTortureReport> {
  mkdirSync(options.workFolder, { recursive: true });
  writeDemoQuestions(path.join(options.workFolder, 'demo.jsonl'));
  await writeSmallQuestions(path.join(options.workFolder, 'small.jsonl'));
  const gallows = new Gallows(options);
  for (let round = 0; round < options.rounds; round++) {
    const line = await gallows.run(round);
    options.onRound?.(`${round + 1}: ${line}; ${gallows.problems.length} problems so far`);
  }
  const { printed, longestOrphan, problems } = gallows;
  return { printed, longestOrphan, problems };
}

class Gallows {
  readonly problems: string[] = [];
  printed = 0;
  longestOrphan = 0;
  private round = 0;
  private readonly random: { uniform(): number };
  private readonly cli: string;
  private readonly manners: readonly Manner[];

  constructor(private readonly options: CommandTorture) {
    const { programs, seed } = options;
    this.random = seededNumbers(seed);
    for (const name of PROGRAMS) copyFileSync(path.join(ROOT, 'dist', name), path.join(programs, name));
    this.cli = path.join(programs, 'cli.js');
    const random = path.join(ROOT, 'test/golden/qwen2_5_vl/checkpoint');
    this.manners = [
      { name: 'demo', questions: 'demo.jsonl', words: ['--model', 'demo'] },
      {
        name: 'random weights, 2 at a time',
        questions: 'small.jsonl',
        words: `--model ${random} --temperature 1 --seed 2 --max-tokens 120 --concurrency 2`.split(' '),
      },
    ];
  }

  /** @returns what was done, for a person */
  async run(round: number): Promise<string> {
    this.round = round + 1;
    const manner = this.manners[round % this.manners.length];
    if (!manner) return 'nothing';
    const sample = (manner.sample ??= await this.takeSample(manner));
    const out = path.join(this.options.workFolder, `killed-${round}.imcot.jsonl`);
    const moment = drawMoment(sample.times, this.random);
    const run = await this.play(manner, out, moment);
    this.printed += run.lines.length;
    const lived = await untilGone(this.options.programs, ORPHAN_MS);
    if (lived === undefined) {
      const left = (await processesWith(this.options.programs)) ?? [];
      this.problem(`processes outlive the command by ${ORPHAN_MS} ms: ${left.join(', ')}`);
    }
    this.longestOrphan = Math.max(this.longestOrphan, lived ?? ORPHAN_MS);
    await this.checkKilled(out, run);
    await this.checkResumed(manner, out, run.lines, sample.texts);
    const orphan = lived === undefined ? 'never' : `after ${Math.round(lived)} ms`;
    const how = run.signal === 'SIGKILL' ? 'killed' : `over before the kill (${run.code ?? ''})`;
    return `${manner.name}, ${how} after ${run.lines.length} lines, model gone ${orphan}`;
  }

  private play(manner: Manner, out: string, moment?: Parameters<typeof runCommand>[2]): Promise<CommandRun> {
    const questions = path.join(this.options.workFolder, manner.questions);
    const words = ['run', '--questions', questions, '--json', '--out', out, ...manner.words];
    words.push('--provider', 'cpu', '--precision', 'full', '--threads', '2');
    words.push('--cache', path.join(this.options.workFolder, 'cache'));
    return runCommand(this.cli, words, moment);
  }

  private async takeSample(manner: Manner): Promise<NonNullable<Manner['sample']>> {
    const out = path.join(this.options.workFolder, `untouched-${manner.name.slice(0, 4)}.imcot.jsonl`);
    const run = await this.play(manner, out);
    if (run.code !== 0) throw new Error(`The untouched command ended with ${run.code ?? ''}: ${run.said}`);
    const { events } = await readPlainLog(out);
    const texts = new Map<string, readonly string[]>();
    for (const [id, [number = -1]] of numbersById(events)) texts.set(id, textsOf(events, number));
    if (texts.size !== QUESTIONS) throw new Error(`The untouched command played ${texts.size} rollouts.`);
    return { ...run, texts };
  }

  /** What the kill left: every printed line, and nothing that can't be read but the end of the file. */
  private async checkKilled(out: string, { lines, rest }: CommandRun): Promise<void> {
    const log = await readPlainLog(out);
    const lost = lines.findIndex((line, at) => line !== log.lines[at]);
    if (lost >= 0) this.problem(`line ${lost + 1} of ${lines.length} printed ones is not in the log`);
    if (!`${log.lines[lines.length] ?? ''}\n`.startsWith(rest))
      this.problem('half a printed line is not in the log');
    if (log.damaged.length > 0) this.problem(`${log.damaged.length} lines before the end are torn`);
    for (const problem of await pictureProblems(out, log.events)) this.problem(problem);
    const started = [...numbersById(log.events).values()].flat();
    if (started.length === 0) return;
    const { trajectories, damage } = await readLog(out);
    if (damage.length > (log.tail === '' ? 0 : 1)) this.problem(`the reader says: ${damage.join(' ')}`);
    for (const [at, number] of started.entries()) {
      const read = trajectories[at];
      const end = endOf(log.events, number);
      const status = end ? (end.status ?? end.event) : 'running';
      if (read?.outcome.status !== status)
        this.problem(`rollout ${number} reads as ${read?.outcome.status ?? 'none'}`);
      if (read?.turns.map(({ raw }) => raw).join('') !== textsOf(log.events, number).join(''))
        this.problem(`rollout ${number} reads as other text`);
    }
    const shown = await runCommand(this.cli, ['show', out]);
    if (shown.code !== 0) this.problem(`imcot show ends with ${shown.code ?? ''}: ${shown.said}`);
  }

  private async checkResumed(
    manner: Manner,
    out: string,
    printed: readonly string[],
    texts: ReadonlyMap<string, readonly string[]>,
  ): Promise<void> {
    const run = await this.play(manner, out);
    if (run.code !== 0) return this.problem(`the next run ends with ${run.code ?? ''}: ${run.said}`);
    const { lines, events, damaged, tail } = await readPlainLog(out);
    if (printed.some((line, at) => line !== lines[at])) this.problem('the next run changed what was there');
    if (damaged.length > 1 || tail !== '') this.problem('the next run left torn lines');
    const numbers = numbersById(events);
    if (numbers.size !== QUESTIONS) this.problem(`${numbers.size} of ${QUESTIONS} questions were played`);
    for (const [id, all] of numbers) {
      const ends = all.map((number) => endOf(events, number));
      const own = all.filter((_, at) => OWN_ENDS.includes(ends[at]?.status ?? ''));
      if (own.length !== 1) this.problem(`${id} was played to its end ${own.length} times`);
      const others = ends.filter((end) => !OWN_ENDS.includes(end?.status ?? ''));
      if (others.some((end) => end?.event !== 'cancelled' || !end.reason?.startsWith('Interrupted')))
        this.problem(`what was interrupted of ${id} does not say so`);
      if (JSON.stringify(textsOf(events, own[0] ?? -1)) !== JSON.stringify(texts.get(id)))
        this.problem(`${id} says something else than in an untouched run`);
    }
  }

  private problem(sentence: string): void {
    this.problems.push(`Command round ${this.round}: ${sentence}.`);
  }
}

/** The first questions of the demo, with their pictures beside them. */
function writeDemoQuestions(file: string): void {
  const demo = path.join(ROOT, 'media/demo/images');
  const lines = readFileSync(path.join(demo, 'questions.jsonl'), 'utf8').split('\n').slice(0, QUESTIONS);
  for (const line of lines) {
    const { image } = JSON.parse(line) as { readonly image: string };
    copyFileSync(path.join(demo, image), path.join(path.dirname(file), image));
  }
  writeFileSync(file, `${lines.join('\n')}\n`);
}

/** Questions on a small picture, which random weights read as fast as they write. */
async function writeSmallQuestions(file: string): Promise<void> {
  const image = 'small.png';
  await writePicture(path.join(path.dirname(file), image), 120, 90);
  const lines = Array.from({ length: QUESTIONS }, (_, at) =>
    JSON.stringify({ image, question: `What is thing ${at}?` }),
  );
  writeFileSync(file, `${lines.join('\n')}\n`);
}
