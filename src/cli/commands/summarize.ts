import { SummaryBuilder } from '../../analysis/summary';
import type { VerbArguments, VerbSpec } from '../arguments';
import type { CliIo } from '../cliIo';
import { EXIT } from '../cliIo';
import type { ScannedSource } from '../scanSources';
import { scanSources } from '../scanSources';
import { summaryText } from '../summaryText';
import { createStyle } from '../text/style';
import type { Verb } from '../verb';

const spec: VerbSpec = {
  name: 'summarize',
  summary: 'accuracy by group, zoom counts, boxes, tool errors',
  usage: '[--json] <path...>',
  details: [
    'Reads every log below the paths once and sums up what its rollouts did. A group is the file\u2019s own split,',
    'such as direct_attributes, or else the name of the file. Accuracy counts judged rollouts only. Of a file',
    'and its judged twin, the judged one counts. Signals are what deserves a look, such as a repeated box.',
  ],
  options: {},
};

function toJson(scanned: ScannedSource): object {
  const { source, records, badRecords, supersededBy } = scanned;
  return {
    path: source.path,
    format: source.format,
    records,
    badRecords,
    ...(supersededBy !== undefined && { supersededBy }),
  };
}

async function run(args: VerbArguments, io: CliIo): Promise<number> {
  const { sources, hasErrors } = await scanSources(args.paths, io);
  const all = new SummaryBuilder();
  for (const { figures, supersededBy } of sources) if (supersededBy === undefined) all.merge(figures);
  const groups = all.groupSummaries();
  const overall = all.summary();
  const signals = all.signalTotals();
  if (args.flags.has('json')) {
    io.out.write(`${JSON.stringify({ sources: sources.map(toJson), groups, overall, signals }, null, 2)}\n`);
  } else if (sources.length > 0) {
    io.out.write(summaryText(sources, groups, overall, signals, createStyle(io.out.colour)));
  }
  return hasErrors ? EXIT.inputErrors : EXIT.done;
}

/** `imcot summarize`. */
export const summarizeVerb: Verb = { spec, run };
