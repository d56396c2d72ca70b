import path from 'node:path';
import { ImcotError } from '../../common/errors';
import { CompareEngine } from '../../compare/compareEngine';
import type { ComparedLogs } from '../../analysis/compare/comparison';
import type { VerbArguments, VerbSpec } from '../arguments';
import { usageError } from '../arguments';
import type { CliIo } from '../cliIo';
import { EXIT } from '../cliIo';
import { comparisonText } from '../comparisonText';
import { Progress } from '../progress';
import { safeLine } from '../text/safeText';
import { createStyle } from '../text/style';
import type { Verb } from '../verb';

const spec: VerbSpec = {
  name: 'compare',
  summary: 'two logs of the same questions: who was right',
  usage: '[--json] <path A> <path B>',
  details: [
    'Pairs the rollouts of two logs by the name of the picture and the question, several of one question in the',
    'order in which they stand, and counts who was right. A path is a file, or a folder whose files are one log.',
  ],
  options: {},
};

async function compare(a: string, b: string, io: CliIo): Promise<ComparedLogs> {
  const progress = new Progress(io.err);
  const engine: CompareEngine = new CompareEngine(() => ({
    reading: async (side, records) => {
      const file = side === 'a' ? a : b;
      progress.update(() => `${safeLine(file)}: ${records.toLocaleString('en')} records`);
    },
  }));
  const stop = (): void => void engine.stop();
  io.signal.addEventListener('abort', stop);
  try {
    if (io.signal.aborted) throw new ImcotError('cancelled', 'Reading was stopped.');
    return await engine.compare({ a: [path.resolve(a)], b: [path.resolve(b)] });
  } finally {
    io.signal.removeEventListener('abort', stop);
    progress.clear();
  }
}

async function run(args: VerbArguments, io: CliIo): Promise<number> {
  const [a, b, ...more] = args.paths;
  if (a === undefined || b === undefined || more.length > 0)
    throw usageError(spec, `imcot compare takes two paths, but got ${args.paths.length}.`);
  const { summary, sameRollouts } = await compare(a, b, io);
  if (args.flags.has('json')) {
    const { a: ofA, b: ofB, ...shared } = summary;
    const sides = { a: { path: a, ...ofA }, b: { path: b, ...ofB } };
    io.out.write(
      `${JSON.stringify({ ...shared, sameRollouts: sameRollouts !== undefined, ...sides }, null, 2)}\n`,
    );
  } else io.out.write(comparisonText({ a, b }, summary, sameRollouts, createStyle(io.out.colour)));
  const bad = summary.a.badRecords + summary.b.badRecords;
  if (bad > 0) io.err.write(`imcot: ${bad} ${bad === 1 ? 'record' : 'records'} could not be read.\n`);
  return bad > 0 ? EXIT.inputErrors : EXIT.done;
}

/** `imcot compare`. */
export const compareVerb: Verb = { spec, run };
