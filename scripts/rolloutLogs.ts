// The logs behind the pictures of rollouts: the demo model's own, and by a scripted model what it never does.
// Usage: tsx scripts/rolloutLogs.ts FOLDER, which must have market-street.jpg in it. Writes FOLDER/NAME.imcot.jsonl.
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { RolloutPictureCutter } from '../src/launch/pictureCutter';
import { loadPicture } from '../src/launch/loadPicture';
import { playRollout } from '../src/launch/playRollout';
import { createRolloutLog } from '../src/launch/rolloutLog';
import { settleChoices } from '../src/launch/rolloutChoices';
import type { ScoreOptions } from '../src/rollout/rewards/scoreRollout';
import { qwenTemplate } from '../test/unit/rollout/support/rolloutLog';
import { ScriptedBackend } from '../test/support/scriptedBackend';
import type { ScriptedTurn } from '../test/support/scriptedBackend';

const QUESTION = 'What does the card on the crate of green fruit say?';
const ANSWER = '3.10';
/** In pixels of the picture, which has 1600 x 1000. */
const STALL = [620, 690, 840, 822];
const CARD = [740, 722, 830, 776];

function zoom(box: readonly number[], label: string): string {
  const call = { name: 'image_zoom_in_tool', arguments: { bbox_2d: box, label } };
  return `<tool_call>\n${JSON.stringify(call)}\n</tool_call>`;
}

function grounding(box: readonly number[], source: string): string {
  return `<grounding>${JSON.stringify({ bbox_2d: box, source })}</grounding>`;
}

const LOOK =
  '<think>A street of shops at night. The green fruit lies in a crate before the tea shop, and the card on it is far too small to read from here. I will look at the crates first.</think>\n';
const CLOSER =
  '<think>Now I see the crates one by one: oranges to the left, then the green fruit, and a white card standing in it. The figures on it are still blurred, two of them behind the point. Before I answer I want the card alone, as large as I can get it, and I should take care that the card of the next crate is not in the cut';

interface Scripted {
  readonly name: string;
  readonly protocol?: string;
  readonly turns: readonly ScriptedTurn[];
  readonly score?: ScoreOptions;
  /** Stops the rollout after so many tokens of a turn. */
  readonly stopAt?: readonly [turn: number, token: number];
  readonly maxTurns?: number;
  /** Tokens of a turn at most. */
  readonly maxTokens?: number;
  /** Leaves the log without what comes after so many lines that are no text. */
  readonly cut?: boolean;
}

const ROLLOUTS: readonly Scripted[] = [
  {
    name: 'live',
    turns: [{ says: LOOK + zoom(STALL, 'crates') }, { says: CLOSER }, { says: '<answer>3.10</answer>' }],
    cut: true,
  },
  {
    name: 'cancelled',
    turns: [{ says: LOOK + zoom(STALL, 'crates') }, { says: CLOSER }],
    stopAt: [1, 34],
  },
  {
    name: 'error',
    turns: [
      { says: LOOK + zoom(STALL, 'crates') },
      {
        says: CLOSER.slice(0, 180),
        breaks:
          'The model’s process was ended by the system (SIGKILL), most likely for want of memory. Choose a lower precision in the settings, or close other programs, and run it again.',
      },
    ],
  },
  {
    name: 'crops-of-crops',
    protocol: 'mini-o3',
    turns: [
      {
        says:
          '<think>The crates stand before the tea shop, in the middle.</think>' +
          grounding([0.3875, 0.69, 0.525, 0.822], 'original_image'),
      },
      {
        says:
          '<think>The green fruit is to the right, its card still small. Closer, within this part.</think>' +
          grounding([0.48, 0.22, 0.98, 0.76], 'observation_1'),
      },
      {
        says:
          '<think>Now the card alone, out of the second part.</think>' +
          grounding([0.26, 0.1, 0.74, 0.52], 'observation_2'),
      },
      { says: '<think>It reads 3.10.</think><answer>3.10</answer>' },
    ],
  },
  {
    name: 'judge',
    turns: [
      { says: LOOK + zoom(CARD, 'price card') },
      { says: '<think>The card reads three ten.</think>\n<answer>three euros and ten cents</answer>' },
    ],
    score: {
      accuracy: {
        by: 'judge',
        ask: () =>
          Promise.resolve('The answer may well mean the same, but I can’t tell from the words alone.'),
      },
    },
  },
];

const OTHER_CARD = [560, 724, 640, 778];

function rotate(angle: number): string {
  const call = { name: 'image_rotate_tool', arguments: { angle } };
  return `<tool_call>\n${JSON.stringify(call)}\n</tool_call>`;
}

/** Much text that says nothing twice in a row, of so many tokens as the scripted model cuts it. */
function longThought(tokens: number): string {
  const words =
    'the crates stand in a row and each has a card whose figures are too small to be read from here'.split(
      ' ',
    );
  const text = Array.from({ length: tokens - 4 }, (_, at) => {
    const word = words[(at * 7 + Math.floor(at / 61)) % words.length] ?? '';
    return at % 17 === 16 ? `${word}.${at % 85 === 84 ? '\n\n' : ''}` : word;
  });
  return `<think>${text.join(' ')}</think>\n`;
}

/** What a policy does that learns, and what it does when that fails; each is a log of its own. */
const HARD_ROLLOUTS: readonly Scripted[] = [
  {
    name: 'boxes-compared',
    turns: [
      { says: `<think>Two cards. The left one first.</think>\n${zoom(OTHER_CARD, 'left card')}` },
      { says: `<think>That is another price. Now the right one.</think>\n${zoom(CARD, 'right card')}` },
      { says: '<think>The right one is of the green fruit.</think>\n<answer>3.10</answer>' },
    ],
  },
  {
    name: 'tool-errors',
    turns: [
      { says: `<think>A closer look.</think>\n${zoom([740, 722, 744, 724], 'card')}` },
      {
        says: '<think>Again.</think>\n<tool_call>\n{"name": "image_zoom_in_tool", "arguments": {"bbox_2d": [740, 722]\n</tool_call>',
      },
      { says: `<think>Turned, it may be read.</think>\n${rotate(15)}` },
      { says: '<think>I can’t read it.</think>\n<answer>unknown</answer>' },
    ],
  },
  {
    name: 'loop',
    maxTurns: 10,
    turns: Array.from({ length: 10 }, (_, turn) => ({
      says: `<think>I look at the card${' again'.repeat(Math.min(turn, 3))}.</think>\n${zoom(CARD, 'price card')}`,
    })),
  },
  {
    name: 'long-thought',
    maxTokens: 32_768,
    turns: [{ says: `${longThought(20_480)}${zoom(CARD, 'price card')}` }, { says: '<answer>3.10</answer>' }],
  },
];

async function play(rollout: Scripted, folder: string): Promise<void> {
  const { name, protocol, turns, score, stopAt, maxTurns, maxTokens } = rollout;
  const stop = new AbortController();
  const hooks = {
    onToken: (turn: number, token: number) => {
      if (turn === stopAt?.[0] && token === stopAt[1]) stop.abort();
    },
  };
  const backend = new ScriptedBackend(await qwenTemplate(), turns, hooks, {
    model: 'scripted model',
    device: 'CPU, 8 threads',
  });
  const place = { file: path.join(folder, `${name}.imcot.jsonl`), root: folder };
  const log = await createRolloutLog(place, 'screenshots');
  const cutter = new RolloutPictureCutter();
  const picture = await loadPicture(path.join(folder, 'market-street.jpg'), place);
  const choices = settleChoices(
    {},
    {
      temperature: 0.7,
      seed: 20,
      ...(protocol !== undefined && { protocol }),
      ...(maxTurns !== undefined && { maxTurns }),
      ...(maxTokens !== undefined && { maxTokens }),
    },
  );
  const events = playRollout(
    { question: { image: '', question: QUESTION, groundTruth: ANSWER }, picture, choices, id: name },
    { backend, cutter, recorder: log.recorder, signal: stop.signal, ...(score && { score }) },
  );
  for await (const _event of events);
  await log.close();
  cutter.dispose();
  if (rollout.cut) await cutOff(place.file);
}

/** Leaves of a log what was there in the middle of the second turn; the rest goes to a file beside it, line by line. */
async function cutOff(file: string): Promise<void> {
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  const second = lines.findIndex((line) => line.includes('"event":"text"') && line.includes('"turn":1'));
  const at = second + 24;
  await writeFile(file, `${lines.slice(0, at).join('\n')}\n`);
  const rest = lines.slice(at).filter((line) => line.includes('"turn":1'));
  await writeFile(file.replace('.imcot.jsonl', '.rest'), `${rest.join('\n')}\n`);
}

async function main(): Promise<void> {
  const folder = path.resolve(process.argv[2] ?? '.');
  for (const rollout of [...ROLLOUTS, ...HARD_ROLLOUTS]) await play(rollout, folder);
}

void main();
