import type { VerbArguments, VerbSpec } from '../arguments';
import type { CliIo } from '../cliIo';
import { readRunArguments } from '../run/runArguments';
import { runMany } from '../run/runMany';
import { runOne } from '../run/runOne';
import type { Verb } from '../verb';

const spec: VerbSpec = {
  name: 'run',
  summary: 'let a model answer a question about a picture, and record how',
  usage: '[options] --image F --question Q  |  [options] --questions F [--n N]',
  details: [
    'One rollout is printed while the model speaks; many show how far they are. All of it goes into a log',
    '(docs/trajectory-format.md) as it happens: a new one in .imcot/rollouts of the present folder, or that of',
    '--out, which is gone on with when it is there: rollouts that it has are not played again. With --json: the',
    "log's lines on standard output. Ctrl+C stops and keeps what was said.",
    'The model runs on this machine. With --server it is asked over the network: picture and questions go to that',
    'address and nowhere else; the key comes from the variable IMCOT_SERVER_KEY, a judge\u2019s from IMCOT_JUDGE_KEY.',
  ],
  options: {
    image: { type: 'string', value: 'F', description: 'the picture' },
    question: { type: 'string', value: 'Q', description: 'what is asked about it' },
    answer: { type: 'string', value: 'TEXT', description: 'the right answer, to judge by' },
    questions: {
      type: 'string',
      value: 'F',
      description: 'many questions: JSONL, CSV, or a V*-style folder',
    },
    n: { type: 'string', value: 'N', description: 'rollouts of each question (default 1)' },
    model: {
      type: 'string',
      value: 'M',
      description: 'demo (default), a checkpoint folder, or with --server its name there',
    },
    server: {
      type: 'string',
      value: 'ADDRESS',
      description: 'an OpenAI-compatible server, such as http://127.0.0.1:8000',
    },
    temperature: { type: 'string', value: 'T', description: '0 is greedy (default 0; 1 with --n above 1)' },
    seed: { type: 'string', value: 'S', description: 'for the same rollouts again above temperature 0' },
    'max-turns': { type: 'string', value: 'N', description: 'turns of a rollout at most' },
    'max-tokens': { type: 'string', value: 'N', description: 'tokens of one turn at most' },
    'no-tools': { type: 'boolean', description: 'the question alone, answered directly' },
    protocol: {
      type: 'string',
      value: 'NAME',
      description: 'prompts and rules (default: the checkpoint\u2019s, else deepeyes-v2)',
    },
    declare: {
      type: 'string',
      value: 'NAMES',
      description: 'further tools to declare, such as image_rotate_tool',
    },
    out: { type: 'string', value: 'F', description: 'the log' },
    'retry-errors': { type: 'boolean', description: 'play those again that the log says failed' },
    concurrency: {
      type: 'string',
      value: 'N',
      description: 'rollouts at a time (default 1; 8 with --server)',
    },
    judge: {
      type: 'string',
      value: 'ADDRESS',
      description: 'a server that judges what the rules leave open',
    },
    'judge-model': { type: 'string', value: 'NAME', description: 'its model' },
    formula: { type: 'string', value: 'NAME', description: 'reward formula (default deepeyes)' },
    provider: {
      type: 'string',
      value: 'P',
      description: 'what computes: auto, cpu, webgpu, cuda, directml, coreml',
    },
    precision: { type: 'string', value: 'P', description: 'of the weights: auto, full, int8, int4' },
    threads: { type: 'string', value: 'N', description: 'of the processor (default 0: automatic)' },
    cache: { type: 'string', value: 'DIR', description: 'where quantised weights are kept' },
  },
  minPaths: 0,
};

function run(args: VerbArguments, io: CliIo): Promise<number> {
  const settings = readRunArguments(spec, args);
  const { asked, perQuestion } = settings;
  return asked.kind === 'one' && perQuestion === 1 ? runOne(asked, settings, io) : runMany(settings, io);
}

/** `imcot run`. */
export const runVerb: Verb = { spec, run };
