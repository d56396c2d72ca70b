import { findMetricSources } from '../../files/metricSources';
import type { VerbArguments, VerbSpec } from '../arguments';
import type { CliIo } from '../cliIo';
import { EXIT } from '../cliIo';
import { countMetrics } from '../metrics/countMetrics';
import type { StepRange } from '../../metrics/stepRange';
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
    'Searches files and folders for logs of rollouts and of metrics and reads them from end to end to count their',
    'records: rollouts, or rows of metrics. A folder of numbered step files, or of event files, is one source. A file',
    'without verdicts whose rollouts stand in a judged file too is marked "superseded by".',
  ],
  options: {},
};

/** A source of either kind as a row of the list. */
interface Listed {
  readonly path: string;
  readonly format: string;
  readonly kind: 'trajectories' | 'metrics' | 'both';
  readonly records: number;
  readonly badRecords: number;
  readonly steps: StepRange | null;
  readonly supersededBy?: string;
}

function toListed(scanned: ScannedSource, isBoth: boolean): Listed {
  const { source, records, badRecords, steps, supersededBy } = scanned;
  return {
    path: source.path,
    format: source.format,
    kind: isBoth ? 'both' : 'trajectories',
    records,
    badRecords,
    steps,
    ...(supersededBy !== undefined && { supersededBy }),
  };
}

function stepText({ steps }: Listed): string {
  if (!steps) return '-';
  return steps.count === 1 ? `${steps.first}` : `${steps.first} to ${steps.last} (${steps.count})`;
}

function toText(sources: readonly Listed[], io: CliIo): string {
  const style = createStyle(io.out.colour);
  const head = ['PATH', 'FORMAT', 'KIND', 'RECORDS', 'BAD', 'STEPS'];
  const cells = sources.map((listed) => [
    safeLine(listed.path),
    listed.format,
    listed.kind,
    String(listed.records),
    String(listed.badRecords),
    stepText(listed),
  ]);
  const [first = '', ...rows] = table([head, ...cells], new Set([3, 4]));
  const lines = rows.flatMap((row, i) => {
    const winner = sources[i]?.supersededBy;
    return winner === undefined ? [row] : [row, style.dim(`  superseded by ${safeLine(winner)}`)];
  });
  return [style.bold(first), ...lines, ''].join('\n');
}

async function run(args: VerbArguments, io: CliIo): Promise<number> {
  const { sources: metrics } = await findMetricSources(args.paths, io.signal);
  const files = new Set(metrics.flatMap((source) => source.files));
  // What is no file of metrics, or can't be read, the search for rollouts meets as well, and tells.
  const { sources, hasErrors } = await scanSources(args.paths, io, files);
  const rollouts = sources.map((scanned) => toListed(scanned, files.has(scanned.source.path)));
  const known = new Set(rollouts.map((listed) => listed.path));
  const counted = await countMetrics(
    metrics.filter((source) => !known.has(source.path)),
    io,
  );
  const listed = [...rollouts, ...counted.sources.map((source) => ({ ...source, kind: 'metrics' as const }))];
  if (args.flags.has('json')) io.out.write(`${JSON.stringify({ sources: listed }, null, 2)}\n`);
  else if (listed.length > 0) io.out.write(toText(listed, io));
  return hasErrors || counted.hasErrors ? EXIT.inputErrors : EXIT.done;
}

/** `imcot list`. */
export const listVerb: Verb = { spec, run };
