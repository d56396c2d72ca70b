import type { Size } from '../../common/boundingBox';
import { ImcotError } from '../../common/errors';
import { findSources } from '../../files/findSources';
import { openTrajectorySource } from '../../files/openSource';
import type { RecordResult } from '../../readers/reader';
import { linesOfTrajectory } from '../../readers/trajectories/imcotFromTrajectory';
import type { TrajectorySource } from '../../readers/trajectorySource';
import { recordedToolOptions } from '../../rollout/recordedToolOptions';
import type { PlannedCall } from '../../rollout/tools/planCalls';
import { planCalls } from '../../rollout/tools/planCalls';
import { headerLine } from '../../trajectory/eventLog';
import type { Trajectory } from '../../trajectory/trajectory';
import type { VerbArguments, VerbSpec } from '../arguments';
import { wholeNumber } from '../arguments';
import type { CliIo } from '../cliIo';
import { EXIT } from '../cliIo';
import { originalSize } from '../originalSize';
import { readableWidth } from '../text/printer';
import { safeLine } from '../text/safeText';
import { createStyle } from '../text/style';
import { trajectoryText } from '../trajectoryText';
import type { Verb } from '../verb';
import { productVersion } from '../version';

const spec: VerbSpec = {
  name: 'show',
  summary: 'one rollout as readable text',
  usage: '[--json] [--images DIR] --index N <path>',
  details: [
    'Prints the question, every turn with its thought, tool call, observation and answer, and the verdict.',
    'What the tool did with a box (cut, clamped, refused) is worked out where the size of the image is known:',
    'from the file, or from the image beside the log or in --images DIR. With --json: the lines of the',
    "project's own format (docs/trajectory-format.md).",
  ],
  options: {
    index: { type: 'string', value: 'N', description: 'which record, counted from 0 (default 0)' },
    images: {
      type: 'string',
      value: 'DIR',
      description: 'where to look for the image, besides the folder of the log',
    },
  },
  maxPaths: 1,
};

async function soleSource(target: string, io: CliIo): Promise<readonly string[]> {
  const { sources, problems, notices } = await findSources([target], { signal: io.signal });
  for (const notice of notices) io.err.write(`imcot: ${safeLine(notice)}\n`);
  const [source, ...others] = sources;
  if (source && others.length === 0) return source.files;
  if (source) {
    const names = sources
      .slice(0, 8)
      .map((entry) => entry.path)
      .join(', ');
    throw new ImcotError(
      'usage',
      `${target} holds ${sources.length} logs, name one of them: ${names}${sources.length > 8 ? ', …' : ''}`,
    );
  }
  throw new ImcotError('input', problems[0]?.reason ?? `${target}: no rollout log was found there.`);
}

async function recordAt(source: TrajectorySource, index: number): Promise<RecordResult> {
  try {
    return await source.record(index);
  } catch (thrown) {
    if (!(thrown instanceof ImcotError) || thrown.code !== 'missing') throw thrown;
    const { records } = await source.indexed();
    if (index < records) throw thrown;
    const range = records === 1 ? 'only --index 0' : `--index 0 to ${records - 1}`;
    const count = records === 1 ? '1 record' : `${records} records`;
    throw new ImcotError(
      'usage',
      records === 0
        ? `${source.name} holds no record.`
        : `${source.name} holds ${count}: ${range} can be shown, ${index} can't.`,
    );
  }
}

/** @param first size of the prompt's first image, which may not stand in the record */
function plannedCalls(trajectory: Trajectory, first: Size): readonly PlannedCall[] {
  const sizes = trajectory.prompt.images.map((image, index) => (index === 0 ? first : image.size));
  return planCalls(trajectory.turns, sizes.length > 0 ? sizes : first, (image) =>
    recordedToolOptions(trajectory, image),
  );
}

async function readable(
  { trajectory, images }: Extract<RecordResult, { status: 'ok' }>,
  roots: readonly string[],
  io: CliIo,
): Promise<string> {
  const { size, notes } = await originalSize(trajectory, images, roots);
  return trajectoryText(trajectory, {
    style: createStyle(io.out.colour),
    width: readableWidth(io.out.columns),
    planned: size ? plannedCalls(trajectory, size) : [],
    imageNotes: notes,
  });
}

async function run(args: VerbArguments, io: CliIo): Promise<number> {
  const index = wholeNumber(spec, args, 'index') ?? 0;
  const source = await openTrajectorySource(await soleSource(args.paths[0] ?? '', io), {
    index: 'inProcess',
  });
  const stop = (): void => source.dispose();
  io.signal.addEventListener('abort', stop, { once: true });
  try {
    const result = await recordAt(source, index);
    if (result.status === 'bad') {
      const { file, bytes, reason } = result;
      throw new ImcotError(
        'input',
        `Record ${index} can't be read (${file}, bytes ${bytes.start} to ${bytes.end}): ${reason}`,
      );
    }
    if (args.flags.has('json')) {
      const header = headerLine({ writer: `imcot ${productVersion()}` });
      io.out.write([header, ...linesOfTrajectory(0, result.trajectory, result.images), ''].join('\n'));
    } else {
      const folder = args.values.get('images');
      io.out.write(await readable(result, folder === undefined ? [] : [folder], io));
    }
    return EXIT.done;
  } finally {
    io.signal.removeEventListener('abort', stop);
    source.dispose();
  }
}

/** `imcot show`. */
export const showVerb: Verb = { spec, run };
