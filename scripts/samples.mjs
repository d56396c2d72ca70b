// Writes the sample rollouts to media/demo/samples: `node --import tsx scripts/samples.mjs`. Needs the pictures of
// scripts/scenes.mjs. What the model "says" is written by hand (scripts/scenes/rollouts.mjs); everything that the
// environment adds (crops, sizes, visual tokens, rewards) is computed.
import { createHash } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { smartResize, visualTokenCount } from '../src/common/smartResize.ts';
import { Recorder } from '../src/rollout/recorder.ts';
import { EventLogFile } from '../src/rollout/recorderFile.ts';
import { allScenes } from './scenes/allScenes.mjs';
import { seededRandom } from './scenes/drawing.mjs';
import { EVALUATION, OWN, TRAINING } from './scenes/rollouts.mjs';

const out = path.join(path.dirname(fileURLToPath(import.meta.url)), '../media/demo/samples');
const scenes = new Map(allScenes().map((scene) => [scene.name, scene]));

const SYSTEM =
  'You answer questions about a picture. When something is too small to read, call a tool: write a JSON object with "name" and "arguments" between <tool_call> and </tool_call>. The only tool is image_zoom_in_tool; it cuts the piece "bbox_2d": [x1, y1, x2, y2] (pixels, left, top, right, bottom) out of the picture and shows it to you; "label" says what you expect there.';
const HINT =
  '\nThink between <think> and </think>, zoom in where it helps, and give the result between <answer> and </answer>.';

const sceneOf = (rollout) => scenes.get(rollout.scene);
const image = (rollout) => `${rollout.scene}.jpg`;
const question = (rollout) => rollout.question ?? sceneOf(rollout).question;
const options = (rollout) => rollout.options ?? (rollout.question ? [] : sceneOf(rollout).options);
const truth = (rollout) => rollout.truth ?? options(rollout)[0];
const last = (rollout) => rollout.turns.at(-1).answer;

function userText(rollout) {
  const lines = options(rollout).map((option, i) => `${'ABCD'[i]}. ${option}\n`);
  const choice = lines.length > 0 ? `\nOptions: \n${lines.join('')}` : '';
  return `Question: ${question(rollout)}${choice}\n${HINT}`;
}

/** What the model writes in a turn. Evaluation stops generating before the closing tag of a call. */
function modelText(turn, { closed = true } = {}) {
  const thought = `<think>\n${turn.think}\n${turn.broken ? '' : '</think>'}\n`;
  if (turn.answer !== undefined) return `${thought}<answer>${turn.answer}</answer>`;
  const args = { bbox_2d: turn.zoom, ...(turn.label && { label: turn.label }) };
  const call = JSON.stringify({ name: 'image_zoom_in_tool', arguments: args });
  return `${thought}<tool_call>\n${call}\n${closed ? '</tool_call>' : ''}`;
}

const cropTokens = ([x1, y1, x2, y2]) => visualTokenCount(smartResize({ width: x2 - x1, height: y2 - y1 }));

async function crop(rollout, [left, top, right, bottom]) {
  const file = path.join(out, image(rollout));
  return sharp(file)
    .extract({ left, top, width: right - left, height: bottom - top })
    .webp({ quality: 90 })
    .toBuffer();
}

/** Accuracy, format, tool and their sum. Source of the weights: DeepEyes, verl/utils/reward_score/vl_agent.py. */
function reward(rollout) {
  const crops = rollout.turns.filter((turn, i) => turn.zoom && !rollout.refused?.[i]).length;
  const accuracy = rollout.right ? 1 : 0;
  const format = rollout.turns.some((turn) => turn.broken) ? -1 : 0;
  const tool = rollout.right && crops > 0 ? 1 : 0;
  return {
    accuracy,
    format,
    tool,
    total: Math.round((0.8 * accuracy + 0.2 * format + 1.2 * tool) * 10) / 10,
  };
}

async function recordOwn(recorder, rollout) {
  const { width, height } = sceneOf(rollout);
  const run = recorder.start({
    prompt: {
      system: SYSTEM,
      user: userText(rollout),
      question: question(rollout),
      images: [
        {
          kind: 'file',
          path: image(rollout),
          size: { width, height },
          visualTokens: visualTokenCount(smartResize({ width, height })),
        },
      ],
    },
    model: 'written by hand',
    groundTruth: truth(rollout),
    ...(rollout.question
      ? {}
      : { boxes: sceneOf(rollout).targets.map(({ box: [x, y, w, h] }) => [x, y, x + w, y + h]) }),
  });
  for (const [turn, spoken] of rollout.turns.entries()) {
    await run.record({ event: 'text', turn, text: modelText(spoken) });
    if (!spoken.zoom) continue;
    await run.record({
      event: 'toolCall',
      turn,
      name: 'image_zoom_in_tool',
      arguments: { bbox_2d: spoken.zoom, ...(spoken.label && { label: spoken.label }) },
    });
    const error = rollout.refused?.[turn];
    if (error) await run.observe({ turn, raw: error, error });
    else {
      const bytes = await crop(rollout, spoken.zoom);
      await run.observe({
        turn,
        raw: '<tool_response><image></tool_response>',
        text: '',
        images: [{ kind: 'bytes', bytes, mediaType: 'image/webp' }],
      });
    }
  }
  const { total, ...parts } = reward(rollout);
  const weights = { accuracy: 0.8, format: 0.2, tool: 1.2 };
  await run.record({ event: 'verdict', correct: rollout.right, provenance: 'stored' });
  await run.record({
    event: 'reward',
    total,
    parts: Object.entries(parts).map(([name, value]) => ({
      name,
      value,
      weight: weights[name],
      provenance: 'stored',
    })),
    formula: 'deepeyes',
  });
  await run.record({ event: 'outcome', status: 'finished', prediction: last(rollout) });
}

async function writeOwn() {
  const file = path.join(out, 'scenes.imcot.jsonl');
  await rm(file, { force: true });
  await rm(path.join(out, 'scenes.images'), { recursive: true, force: true });
  const log = await EventLogFile.create(file);
  const recorder = new Recorder(log, { sha256: (bytes) => createHash('sha256').update(bytes).digest('hex') });
  await recorder.header({ writer: 'scripts/samples.mjs' });
  for (const rollout of OWN) await recordOwn(recorder, rollout);
  await log.close();
}

const BLANK = { type: 'image_url', image_url: { url: 'data:image/jpeg;base64,' } };

function evaluationRow(rollout) {
  const messages = [
    { role: 'system', content: SYSTEM },
    { role: 'user', content: [BLANK, { type: 'text', text: userText(rollout) }] },
  ];
  for (const turn of rollout.turns) {
    messages.push({ role: 'assistant', content: modelText(turn, { closed: false }) });
    if (turn.zoom) messages.push({ role: 'user', content: [BLANK, { type: 'text', text: HINT }] });
  }
  return {
    image: image(rollout),
    question: question(rollout),
    answer: truth(rollout),
    pred_ans: last(rollout),
    pred_output: messages,
    status: 'success',
  };
}

async function writeEvaluation() {
  const rows = EVALUATION.map((rollout) => ({ rollout, row: evaluationRow(rollout) }));
  const lines = (values) => values.map((value) => `${JSON.stringify(value)}\n`).join('');
  const name = path.join(out, 'result_direct_attributes_demo');
  await writeFile(`${name}.jsonl`, lines(rows.map(({ row }) => row)));
  await writeFile(
    `${name}_acc.jsonl`,
    lines(rows.map(({ row, rollout }) => ({ ...row, acc: rollout.right ? 1 : 0 }))),
  );
}

const pads = (count) => `<|vision_start|>${'<|image_pad|>'.repeat(count)}<|vision_end|>`;
const tokenize = (text) => text.match(/<\|\w+\|>|<\/?\w+>| ?\p{L}+|\d|\s+|./gsu) ?? [];

function trainingRow(rollout, random) {
  const { width, height } = sceneOf(rollout);
  const prompt = `<|im_start|>system\n${SYSTEM}<|im_end|>\n<|im_start|>user\n${pads(visualTokenCount(smartResize({ width, height })))}${userText(rollout)}<|im_end|>\n<|im_start|>assistant\n`;
  const tokens = [];
  const logprobs = [];
  const add = (text, mean) => {
    for (const token of tokenize(text)) {
      tokens.push(token);
      logprobs.push(Number((Math.log(1 - random() ** 3) * mean).toFixed(3)));
    }
  };
  for (const [i, turn] of rollout.turns.entries()) {
    add(`${modelText(turn)}<|im_end|>`, rollout.step < 20 ? 0.8 : 0.4);
    if (!turn.zoom) continue;
    const error = rollout.refused?.[i];
    const content = error ?? `<tool_response>${pads(cropTokens(turn.zoom))}${HINT}</tool_response>`;
    add(`\n<|im_start|>user\n${content}<|im_end|>\n<|im_start|>assistant\n`, 2);
  }
  const { total } = reward(rollout);
  const rewards = tokens.map((_, i) => (i === tokens.length - 1 ? total : 0));
  return {
    step: rollout.step,
    prompt,
    response: tokens.join(''),
    response_tokens: tokens,
    logprobs,
    token_rewards: rewards,
    reward: total,
    ground_truth: truth(rollout),
  };
}

async function writeTraining() {
  const random = seededRandom(46);
  const rows = TRAINING.map((rollout) => `${JSON.stringify(trainingRow(rollout, random))}\n`);
  await writeFile(path.join(out, 'rollout_data_rank0.jsonl'), rows.join(''));
}

await writeOwn();
await writeEvaluation();
await writeTraining();
