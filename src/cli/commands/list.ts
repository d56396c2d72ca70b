import type { VerbArguments, VerbSpec } from '../arguments';
import type { CliIo } from '../cliIo';
import { EXIT } from '../cliIo';
import type { ScannedSource } from '../scanSources';
import { scanSources } from '../scanSources';
import { table } from '../text/layout';
import { safeLine } from '../text/safeText';
import { createStyle } from '../text/style';
import type { Verb } from '../verb';

const spec: VerbSpec = {
  name: 'list',
  summary: 'what logs there are, of which format, with how many records',
  usage: '[--json] <path...>',
  details: [
    'Searches files and folders for logs of rollouts and reads them from end to end to count their records.',
    'A folder of numbered step files is one source. A file without verdicts whose rollouts stand in a judged',
    'file too is marked "superseded by".',
  ],
  options: {},
};

function toJson(scanned: ScannedSource): object {
  const { source, records, badRecords, steps, supersededBy } = scanned;
  return {
    path: source.path,
    format: source.format,
    kind: 'trajectories',
    records,
    badRecords,
    steps,
    ...(supersededBy !== undefined && { supersededBy }),
  };
}

function stepText({ steps }: ScannedSource): string {
  if (!steps) return '-';
  return steps.count === 1 ? `${steps.first}` : `${steps.first} to ${steps.last} (${steps.count})`;
}

function toText(sources: readonly ScannedSource[], io: CliIo): string {
  const style = createStyle(io.out.colour);
  const head = ['PATH', 'FORMAT', 'RECORDS', 'BAD', 'STEPS'];
  const cells = sources.map((scanned) => [
    safeLine(scanned.source.path),
    scanned.source.format,
    String(scanned.records),
    String(scanned.badRecords),
    stepText(scanned),
  ]);
  const [first = '', ...rows] = table([head, ...cells], new Set([2, 3]));
  const lines = rows.flatMap((row, i) => {
    const winner = sources[i]?.supersededBy;
    return winner === undefined ? [row] : [row, style.dim(`  superseded by ${safeLine(winner)}`)];
  });
  return [style.bold(first), ...lines, ''].join('\n');
}

async function run(args: VerbArguments, io: CliIo): Promise<number> {
  const { sources, hasErrors } = await scanSources(args.paths, io);
  if (args.flags.has('json')) io.out.write(`${JSON.stringify({ sources: sources.map(toJson) }, null, 2)}\n`);
  else if (sources.length > 0) io.out.write(toText(sources, io));
  return hasErrors ? EXIT.inputErrors : EXIT.done;
}

/** `imcot list`. */
export const listVerb: Verb = { spec, run };
