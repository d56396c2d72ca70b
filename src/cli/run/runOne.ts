import path from 'node:path';
import { ImcotError } from '../../common/errors';
import { loadPicture } from '../../launch/loadPicture';
import type { PlayEvent } from '../../launch/playRollout';
import { playRollout } from '../../launch/playRollout';
import { settleChoices } from '../../launch/rolloutChoices';
import type { CliIo } from '../cliIo';
import { EXIT } from '../cliIo';
import { Printer, readableWidth } from '../text/printer';
import { createStyle } from '../text/style';
import { counted, durationText, speedText, SpeedMeter } from './figures';
import { nearPath, shellWord } from './fileHint';
import { LiveText } from './liveText';
import type { OpenedModel } from './openModel';
import { openTools } from './openTools';
import { openRunLog, runPlace } from './runLog';
import type { Asked, RunSettings } from './runSettings';

/** How a rollout looked from outside when it was over. */
interface Played {
  readonly end: Extract<PlayEvent, { type: 'end' }>;
  readonly speed: SpeedMeter;
  readonly timeMs: number;
}

/**
 * One rollout: as text while it goes on, or its log's lines.
 * @returns the exit code
 * @throws ImcotError for what can't be opened
 */
export async function runOne(
  asked: Extract<Asked, { kind: 'one' }>,
  settings: RunSettings,
  io: CliIo,
): Promise<number> {
  const image = path.resolve(asked.image);
  const place = await runPlace(settings.out, path.basename(image));
  const picture = await loadPicture(image, place);
  const { model, score, cutter, dispose } = await openTools(settings, io);
  try {
    const written = settings.json ? (line: string) => io.out.write(`${line}\n`) : undefined;
    const log = await openRunLog(place, io.signal, written);
    const groundTruth = asked.answer === undefined ? {} : { groundTruth: asked.answer };
    const rollout = {
      question: { image, question: asked.question, ...groundTruth },
      picture,
      choices: settleChoices(model.config, settings.choices),
    };
    const player = { backend: model.backend, cutter, recorder: log.recorder, score, signal: io.signal };
    try {
      const watch = settings.json ? undefined : liveText(asked.image, model, io);
      const played = await follow(playRollout(rollout, player), io, watch);
      tellEnd(played, place.file, settings, io);
      return exitCode(played);
    } finally {
      await log.finish();
    }
  } finally {
    dispose();
  }
}

function liveText(image: string, { name, backend }: OpenedModel, io: CliIo): LiveText {
  const { device } = backend.capabilities;
  const look = { style: createStyle(io.out.colour), width: readableWidth(io.out.columns) };
  return new LiveText({ ...look, image, model: `${name} (${device})` });
}

async function follow(
  events: AsyncIterable<PlayEvent>,
  io: CliIo,
  watch: LiveText | undefined,
): Promise<Played> {
  const speed = new SpeedMeter();
  const begun = performance.now();
  let end: Played['end'] | undefined;
  for await (const event of events) {
    speed.add(event);
    if (event.type === 'end') end = event;
    const text = watch?.show(event) ?? '';
    if (text !== '') io.out.write(text);
  }
  io.out.write(watch?.finish() ?? '');
  if (!end) throw new ImcotError('internal', 'The rollout stopped without an end.');
  return { end, speed, timeMs: performance.now() - begun };
}

function tellEnd({ end, speed, timeMs }: Played, file: string, { json }: RunSettings, io: CliIo): void {
  const sink = json ? io.err : io.out;
  const printer = new Printer({ style: createStyle(sink.colour), width: undefined });
  const { tokens, perSecond } = speed;
  const rate = perSecond === undefined ? '' : `, ${speedText(perSecond)}`;
  const name = shellWord(nearPath(file));
  printer.field('model wrote', `${counted(tokens, 'token')} in ${durationText(timeMs)}${rate}`);
  printer.field('file', nearPath(file));
  printer.field('to see it', `code ${name}\nimcot show ${name}`);
  sink.write(printer.take());
  if (end.status === 'cancelled')
    io.err.write('imcot: stopped; what the model said until then is in the file.\n');
}

function exitCode({ end }: Played): number {
  if (end.status === 'cancelled') return EXIT.interrupted;
  // An environment that ends a rollout with an error is no fault: it belongs to what the model did.
  return end.status === 'error' && end.thrown !== undefined ? EXIT.inputErrors : EXIT.done;
}
