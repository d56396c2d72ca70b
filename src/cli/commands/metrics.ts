import { throwIfCancelled } from '../../common/cancel';
import type { VerbArguments, VerbSpec } from '../arguments';
import type { CliIo } from '../cliIo';
import { EXIT } from '../cliIo';
import type { LoadedRuns } from '../metrics/loadRuns';
import { loadRuns } from '../metrics/loadRuns';
import { metricsJson } from '../metrics/metricsJson';
import { metricsText } from '../metrics/metricsText';
import type { RunView } from '../metrics/runView';
import { mergedView, rawView } from '../metrics/runView';
import { createStyle } from '../text/style';
import type { Verb } from '../verb';

const spec: VerbSpec = {
  name: 'metrics',
  summary: 'the curves of training runs, from the logs of the trainers or from rollouts',
  usage: '[--json] [--raw] <path...>',
  details: [
    'Searches files and folders for metrics (verl, TensorBoard, W&B, MLflow, trackio, TRL, ms-swift, CSV, JSON) and',
    'prints each run with its keys, how far they reach, and what they stand for where that is known. Files that tell',
    'of one run are joined; where a restart wrote a step again, the last written value counts. Of logs of rollouts with',
    'training steps it prints the curves that these give: zoom count, response length, IoU, accuracy, rewards and more.',
  ],
  options: {
    raw: {
      type: 'boolean',
      description: 'values as they stand in each file, before files and restarts are joined',
    },
  },
};

/** One at a time: the curves of a run are made when it is printed. */
function* viewsOf({ runs }: LoadedRuns, raw: boolean): Generator<RunView> {
  for (const run of runs) yield raw ? rawView(run) : mergedView(run);
}

async function run(args: VerbArguments, io: CliIo): Promise<number> {
  const raw = args.flags.has('raw');
  const loaded = await loadRuns(args.paths, io, { separate: raw });
  if (args.flags.has('json')) {
    for (const piece of metricsJson(viewsOf(loaded, raw))) {
      io.out.write(piece);
      // Whoever stops this, or stops listening, is heard between two pieces.
      await new Promise((resolve) => setImmediate(resolve));
      throwIfCancelled(io.signal);
    }
  } else {
    const style = createStyle(io.out.colour);
    let separator = '';
    for (const view of viewsOf(loaded, raw)) {
      io.out.write(separator + metricsText(view, style));
      separator = '\n';
    }
  }
  return loaded.hasErrors ? EXIT.inputErrors : EXIT.done;
}

/** `imcot metrics`. */
export const metricsVerb: Verb = { spec, run };
