import { closeSync, existsSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { joinBytes } from '../../src/common/copyBytes';
import { eventBytes, simpleValue, tfRecord } from '../../test/support/tfEvents';

/*
 * Logs to measure with. What stands in them is made up; their proportions are those of a training: many tags with one
 * value per event, and a console on which metrics are a small part.
 */

const TAGS = Array.from(
  { length: 60 },
  (_, tag) => `${['actor', 'critic', 'timing_s'][tag % 3]}/metric_${tag}`,
);

/** Writes a file piece by piece until it has so many bytes; one that is there with about that size is kept. */
function fill(file: string, bytes: number, piece: (at: number) => Uint8Array): number {
  if (existsSync(file) && statSync(file).size >= bytes) return statSync(file).size;
  const partial = `${file}.partial`;
  const target = openSync(partial, 'w');
  let written = 0;
  for (let at = 0; written < bytes; at++) written += writeSync(target, piece(at));
  closeSync(target);
  renameSync(partial, file);
  return written;
}

/** An event file of scalars, one value per event as PyTorch writes them. @returns its size in bytes */
export function makeEventFile(file: string, bytes: number): number {
  return fill(file, bytes, (step) =>
    joinBytes([
      ...(step === 0 ? [tfRecord(eventBytes({ wallTime: 1.7e9, fileVersion: 'brain.Event:2' }))] : []),
      ...TAGS.map((tag, at) =>
        tfRecord(
          eventBytes({
            step,
            wallTime: 1.7e9 + step,
            values: [simpleValue(tag, Math.sin(step * 0.01 + at))],
          }),
        ),
      ),
    ]),
  );
}

/** Bytes of a step on the console, its metrics and what the workers print meanwhile. */
const STEP_BYTES = 50_000;

/** A console log as verl leaves it. @returns its size in bytes */
export function makeConsoleLog(file: string, bytes: number): number {
  return fill(file, bytes, (step) => {
    const prefix = '\u001b[36m(TaskRunner pid=2841)\u001b[0m ';
    const metrics = TAGS.map((tag, at) =>
      at % 4 === 0 ? `${tag}:np.float64(${Math.sin(step + at)})` : `${tag}:${Math.cos(step + at)}`,
    );
    const lines: string[] = [`${prefix}step:${step} - ${metrics.join(' - ')}`];
    let length = lines[0]?.length ?? 0;
    for (let at = 0; length < STEP_BYTES; at++) {
      const line =
        at % 9 === 8
          ? `${prefix}${Array.from({ length: 12 }, (_, done) => `Training Progress:  ${done}%|#         | ${step}/9000 [1:02:03<99:59:59, 31.07s/it]`).join('\r')}`
          : `\u001b[36m(WorkerDict pid=${3000 + (at % 8)})\u001b[0m  [DEBUG] SUCCESS ACTION action_string='{"name": "image_zoom_in_tool", "arguments": {"bbox_2d": [${at}, ${step % 997}, ${at + 120}, ${(step % 997) + 90}], "label": "the red sign"}}'`;
      lines.push(line);
      length += line.length;
    }
    return new TextEncoder().encode(`${lines.join('\n')}\n`);
  });
}
