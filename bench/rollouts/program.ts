import { availableParallelism, loadavg } from 'node:os';
import { median, report } from '../harness';
import { batches } from './batching';
import type { Places } from './opened';
import { DEMO, Opened, ROOMY } from './opened';
import { holdWithLargePicture } from './holding';
import { playEach, raceRecording, runCommands } from './playing';
import { stopWhileReading, stopWhileSpeaking } from './stopping';

/* Measures rollouts of the model that ships and reports. Arguments: the project's folder, a folder for what is made. */

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const worst = (values: readonly number[]): number => Math.max(...values);

async function readingStopped(places: Places): Promise<Awaited<ReturnType<typeof stopWhileReading>>> {
  const roomy = await Opened.open(places, ROOMY);
  try {
    return await stopWhileReading(roomy);
  } finally {
    await roomy.close();
  }
}

async function main(places: Places): Promise<void> {
  const load = loadavg()[0] ?? NaN;
  const command = await runCommands(places);
  const reading = await readingStopped(places);
  const demo = await Opened.open(places, DEMO);
  try {
    const each = await playEach(demo);
    const speaking = await stopWhileSpeaking(demo);
    const recording = await raceRecording(demo);
    const batched = await batches(demo);
    const hold = await holdWithLargePicture(demo);
    const { device } = demo.model.capabilities;
    const [oneByOne, fourAtOnce] = [median(batched.times[1]), median(batched.times[4])];
    report({
      name: 'Rollouts',
      how: [
        `The model that ships (${(demo.parameters / 1e6).toFixed(1)} million parameters), in its process and used as the editor uses it: ${device}, ${availableParallelism()} cores; its ${demo.questions.length} scenes, each with a question.`,
        'A stop is timed from the signal until the end is in the file, flushed, and told: 20 rollouts stopped after their 1st to 20th token, and 20 spread evenly over the time in which a picture of 1932 x 1092 pixels (2691 visual tokens) is read, there by the reference checkpoint of random weights, whose context has room for it.',
        'The command is a new process each time, median of 7: from its start until the answer and its verdict are printed, and until it has ended; the model is loaded in that time.',
        'Warm: one process and one model, every scene once, median; a picture is decoded, the model asked, the crop cut and shown to it, the log flushed, the answer scored. Tokens are those that the model wrote, over all of that time.',
        'Not measured beside it: the same checkpoint under PyTorch, which is no part of the project.',
        'This thread’s event loop by node:perf_hooks at a resolution of 10 ms, while a JPEG of 4000 x 3000 pixels is loaded, sent to the model and asked about, 5 times.',
        'Recording: the same rollouts at temperature 0 with a log and without one, in turns; every batch of lines is flushed to the disk.',
        `A batch: ${batched.rollouts} rollouts at temperature 1 into one log, the same ones each time; median of 2 rounds in turns after one that does not count.`,
        `Load of the machine: ${load.toFixed(1)} at the start, ${(loadavg()[0] ?? NaN).toFixed(1)} at the end, the benchmark’s own included; times mean something on a quiet one only.`,
      ],
      ratios: [
        {
          what: 'time of a rollout with its log / without one',
          value: sum(recording.recorded.each) / sum(recording.plain.each),
        },
        { what: 'throughput of a batch, 4 at a time / 1 at a time', value: oneByOne / fourAtOnce },
      ],
      limits: [
        {
          what: 'stop in mid-generation until the end is in the file, worst of 20',
          value: worst(speaking.end),
          unit: 'ms',
          atMost: 500,
        },
        {
          what: 'stop while a large picture is read until the end is in the file, worst of 20',
          value: worst(reading.end),
          unit: 'ms',
          atMost: 500,
        },
        {
          what: 'imcot run, from its start to the answer',
          value: median(command.answer),
          unit: 'ms',
          atMost: 2000,
        },
        {
          what: 'event loop while a picture of 12 million pixels is rolled out, 99th percentile',
          value: hold.p99,
          unit: 'ms',
          atMost: 50,
        },
      ],
      measurements: [
        { what: 'stop in mid-generation, median', value: median(speaking.end), unit: 'ms' },
        { what: 'stop while a large picture is read, median', value: median(reading.end), unit: 'ms' },
        {
          what: 'the same until the model is free for the next question, median',
          value: median(reading.free),
          unit: 'ms',
        },
        { what: 'the same, worst', value: worst(reading.free), unit: 'ms' },
        { what: 'reading that picture to the end', value: reading.reading, unit: 'ms' },
        { what: 'imcot run, until it has ended', value: median(command.over), unit: 'ms' },
        { what: 'imcot run, to the answer, worst', value: worst(command.answer), unit: 'ms' },
        { what: 'a warm rollout', value: median(each.each), unit: 'ms' },
        {
          what: 'a warm rollout, tokens written over all of its time',
          value: each.tokens / (sum(each.each) / 1000),
          unit: 'tokens/s',
        },
        { what: 'event loop with that picture, longest hold', value: hold.most, unit: 'ms' },
        { what: 'a rollout without a log, pictures known', value: median(recording.plain.each), unit: 'ms' },
        { what: 'the same with its log', value: median(recording.recorded.each), unit: 'ms' },
        { what: 'batch, 1 at a time', value: batched.rollouts / (oneByOne / 1000), unit: 'rollouts/s' },
        { what: 'batch, 4 at a time', value: batched.rollouts / (fourAtOnce / 1000), unit: 'rollouts/s' },
      ],
    });
  } finally {
    await demo.close();
  }
}

const [, , root, scratch] = process.argv;
if (root === undefined || scratch === undefined) throw new Error('two folders are needed');
void main({ root, scratch }).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
