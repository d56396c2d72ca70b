import path from 'node:path';
import type { Batch, BatchResult } from '../../launch/batch';
import { playBatch } from '../../launch/playBatch';
import type { Question } from '../../launch/question';
import { readQuestions } from '../../launch/questions';
import { questionKey } from '../../launch/questionsId';
import type { CliIo } from '../cliIo';
import { EXIT } from '../cliIo';
import { Printer } from '../text/printer';
import { safeLine } from '../text/safeText';
import { createStyle } from '../text/style';
import { BatchReporter } from './batchReporter';
import { printBatch } from './batchText';
import { nearPath, shellWord } from './fileHint';
import type { RunTools } from './openTools';
import { openTools } from './openTools';
import type { OpenRunLog } from './runLog';
import { openRunLog, runPlace } from './runLog';
import type { Asked, RunSettings } from './runSettings';

/** So many lines that are no question are told one by one. */
const MOST_PROBLEMS = 20;

/** What is to be asked, and how many of the questions could not be read. */
interface Questions {
  readonly questions: readonly Question[];
  readonly bad: number;
  /** For the log's name. */
  readonly name: string;
}

/**
 * Many rollouts into one log, with their figures at the end.
 * @returns the exit code
 * @throws ImcotError for what can't be opened
 */
export async function runMany(settings: RunSettings, io: CliIo): Promise<number> {
  const asked = await questionsOf(settings.asked, io);
  const place = await runPlace(settings.out, asked.name);
  const tools = await openTools(settings, io);
  try {
    const written = settings.json ? (line: string) => io.out.write(`${line}\n`) : undefined;
    const log = await openRunLog(place, io.signal, written);
    try {
      return await play(asked, settings, tools, log, io);
    } finally {
      await log.finish();
    }
  } finally {
    tools.dispose();
  }
}

async function play(
  { questions, bad }: Questions,
  settings: RunSettings,
  { model, score, cutter }: RunTools,
  log: OpenRunLog,
  io: CliIo,
): Promise<number> {
  const { perQuestion, concurrency = model.concurrency, choices, retryErrors, json } = settings;
  const batch: Batch = { questions, perQuestion, concurrency, config: model.config, choices, retryErrors };
  const { logged } = log;
  const own = { backend: model.backend, cutter, log, score, signal: io.signal };
  const reporter = new BatchReporter(io);
  const begun = performance.now();
  const result = await playBatch(
    batch,
    { ...own, ...(logged && { logged }) },
    {
      onEvent: (id, event) => reporter.event(id, event),
      onProgress: (progress) => reporter.progress(progress),
    },
  ).finally(() => reporter.end());
  const timeMs = performance.now() - begun;
  tellEnd(result, { reporter, batch, timeMs, file: log.place.file, json }, io);
  return exitCode(result, bad);
}

async function questionsOf(asked: Asked, io: CliIo): Promise<Questions> {
  if (asked.kind === 'one') {
    const image = path.resolve(asked.image);
    const truth = asked.answer === undefined ? {} : { groundTruth: asked.answer };
    const id = questionKey(asked.image, asked.question);
    const question: Question = { image, question: asked.question, id, ...truth };
    return { questions: [question], bad: 0, name: path.basename(image) };
  }
  const place = path.resolve(asked.place);
  const { questions, problems, bad } = await readQuestions(place, io.signal);
  for (const problem of problems.slice(0, MOST_PROBLEMS)) io.err.write(`imcot: ${safeLine(problem)}\n`);
  if (bad > MOST_PROBLEMS) io.err.write(`imcot: ${bad - MOST_PROBLEMS} more lines are no question\n`);
  return { questions, bad, name: path.basename(place).replace(/\.(jsonl|csv|tsv)$/i, '') };
}

interface EndOfBatch {
  readonly reporter: BatchReporter;
  readonly batch: Batch;
  readonly timeMs: number;
  readonly file: string;
  readonly json: boolean;
}

function tellEnd(result: BatchResult, { reporter, batch, timeMs, file, json }: EndOfBatch, io: CliIo): void {
  const sink = json ? io.err : io.out;
  const printer = new Printer({ style: createStyle(sink.colour), width: undefined });
  const { crops, ended: played } = reporter;
  const { questions, perQuestion } = batch;
  printBatch(printer, result, { questions: questions.length, perQuestion, crops, played, timeMs });
  const name = shellWord(nearPath(file));
  printer.field('file', nearPath(file));
  printer.field('to see it', `code ${name}\nimcot summarize ${name}`);
  sink.write(printer.take());
  if (result.end === 'cancelled') {
    io.err.write(`imcot: stopped; the same command with --out ${name} goes on\n`);
  } else if (result.end === 'fault') {
    io.err.write(`imcot: it could not go on: ${safeLine(result.reason ?? 'no reason was told')}\n`);
  }
}

function exitCode({ end, failed }: BatchResult, bad: number): number {
  if (end === 'cancelled') return EXIT.interrupted;
  return end === 'fault' || failed > 0 || bad > 0 ? EXIT.inputErrors : EXIT.done;
}
