import { throwIfCancelled } from '../../common/cancel';
import type { VerbArguments, VerbSpec } from '../arguments';
import type { CliIo } from '../cliIo';
import { EXIT } from '../cliIo';
import { loadRuns } from '../metrics/loadRuns';
import { stagesJson, stagesOf } from '../metrics/runStages';
import { stagesText } from '../metrics/stagesText';
import { readableWidth } from '../text/printer';
import { createStyle } from '../text/style';
import type { Verb } from '../verb';

const spec: VerbSpec = {
  name: 'stages',
  summary: 'the three stages of training runs, where there are any',
  usage: '[--json] <path...>',
  details: [
    'Looks in the metrics of each run for the stages that the DeepEyes paper describes: initial exploration,',
    'high-frequency zooming, efficient exploitation. At least two of zoom count (or tool calls), response length and IoU',
    'must be recorded, or follow from a log of rollouts with training steps. Where the curves are no evidence of stages,',
    'it says so and why. A boundary is the first step of the next stage.',
  ],
  options: {},
};

async function run(args: VerbArguments, io: CliIo): Promise<number> {
  const { runs, hasErrors } = await loadRuns(args.paths, io);
  const found = [];
  for (const one of runs) {
    await new Promise((resolve) => setImmediate(resolve));
    throwIfCancelled(io.signal);
    found.push(stagesOf(one));
  }
  if (args.flags.has('json')) {
    io.out.write(`${JSON.stringify({ runs: found.map(stagesJson) }, null, 2)}\n`);
  } else {
    const style = createStyle(io.out.colour);
    const width = readableWidth(io.out.columns);
    io.out.write(found.map((one) => stagesText(one, style, width)).join('\n'));
  }
  return hasErrors ? EXIT.inputErrors : EXIT.done;
}

/** `imcot stages`. */
export const stagesVerb: Verb = { spec, run };
