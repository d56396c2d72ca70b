import { errorCode, errorMessage, ImcotError } from '../common/errors';
import { parseVerbArguments } from './arguments';
import { EXIT, type CliIo } from './cliIo';
import { compareVerb } from './commands/compare';
import { listVerb } from './commands/list';
import { metricsVerb } from './commands/metrics';
import { runVerb } from './commands/run';
import { showVerb } from './commands/show';
import { stagesVerb } from './commands/stages';
import { summarizeVerb } from './commands/summarize';
import { generalHelp, verbHelp } from './help';
import { nearestWord } from './nearestWord';
import { safeLine } from './text/safeText';
import type { Verb } from './verb';
import { productVersion } from './version';

const VERBS: readonly Verb[] = [
  listVerb,
  showVerb,
  summarizeVerb,
  compareVerb,
  metricsVerb,
  stagesVerb,
  runVerb,
];

function findVerb(word: string): Verb {
  const verb = VERBS.find(({ spec }) => spec.name === word);
  if (verb) return verb;
  const names = VERBS.map(({ spec }) => spec.name);
  const kind = word.startsWith('-') ? 'option' : 'verb';
  const candidates = kind === 'option' ? ['help', 'version'] : names;
  const near = nearestWord(word.replace(/^-+/, ''), candidates);
  const hint = near === undefined ? '' : ` Did you mean ${kind === 'option' ? '--' : ''}${near}?`;
  throw new ImcotError('usage', `imcot has no ${kind} "${word}".${hint} See imcot --help.`);
}

async function dispatch(argv: readonly string[], io: CliIo): Promise<number> {
  const [first, ...rest] = argv;
  const specs = VERBS.map(({ spec }) => spec);
  if (first === undefined) {
    io.err.write(generalHelp(specs));
    return EXIT.usage;
  }
  if (first === '--help' || first === '-h') {
    io.out.write(generalHelp(specs));
    return EXIT.done;
  }
  if (first === '--version') {
    io.out.write(`${productVersion()}\n`);
    return EXIT.done;
  }
  const verb = findVerb(first);
  const args = parseVerbArguments(verb.spec, rest);
  if (args.help) {
    io.out.write(verbHelp(verb.spec));
    return EXIT.done;
  }
  return verb.run(args, io);
}

/**
 * The whole command line: dispatches to a verb and turns whatever goes wrong into a sentence and an exit code.
 * @param argv the words after `imcot`
 */
export async function main(argv: readonly string[], io: CliIo): Promise<number> {
  try {
    return await dispatch(argv, io);
  } catch (thrown) {
    if (io.signal.aborted) {
      io.err.write('imcot: stopped.\n');
      return EXIT.interrupted;
    }
    const code = errorCode(thrown);
    const prefix = code === 'internal' ? 'imcot: a fault of this program: ' : 'imcot: ';
    io.err.write(`${prefix}${safeLine(errorMessage(thrown))}\n`);
    return code === 'usage' ? EXIT.usage : EXIT.inputErrors;
  }
}
