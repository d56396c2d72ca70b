import { existsSync } from 'node:fs';
import path from 'node:path';
import { decodeRgb, MAX_PIXELS } from '../../src/imaging/decodeImage';
import { pillowCrop } from '../../src/imaging/pillowCrop';
import type { RgbImage } from '../../src/imaging/imageStore';
import type { Message } from '../../src/inference/backend';
import { smartResize } from '../../src/common/smartResize';
import { observe, promptMessages } from './playRollout';
import { readRecordedRun } from './recordedRollouts';

/**
 * The conversations to judge a checkpoint by: the rollouts that were recorded with it where `samples/rollouts.jsonl`
 * lies beside its folder, or else two about a picture of our own.
 */
export async function dialoguesFor(checkpoint: string): Promise<readonly (readonly Message[])[]> {
  const run = path.dirname(path.resolve(checkpoint));
  if (existsSync(path.join(run, 'samples/rollouts.jsonl'))) return recordedDialogues(run);
  const picture = await decode(path.join(__dirname, '../../media/demo/samples/jar-shelf.jpg'));
  return plainDialogues(picture);
}

/** Two conversations about a picture, one with a piece of it in mid-conversation. */
export function plainDialogues(picture: RgbImage): readonly (readonly Message[])[] {
  const limits = { minPixels: 56 * 56, maxPixels: 224 * 224 };
  const text = (words: string) => ({ type: 'text', text: words }) as const;
  const image = (pixels: RgbImage) => ({ type: 'image', image: { pixels, ...limits } }) as const;
  const { width, height } = picture;
  const piece = pillowCrop(picture, { x1: width / 4, y1: height / 4, x2: width / 2, y2: height / 2 });
  const call =
    '<tool_call>\n{"name": "image_zoom_in_tool", "arguments": {"bbox_2d": [56, 40, 112, 80]}}\n</tool_call>';
  return [
    [
      { role: 'system', parts: [text('You are a helpful assistant.')] },
      {
        role: 'user',
        parts: [
          image(picture),
          text('What stands to the left of the tallest thing, and which colour has it?'),
        ],
      },
      { role: 'assistant', parts: [text(`<think>I look closer at its left side.</think>\n${call}`)] },
      { role: 'user', parts: [text('<tool_response>'), image(piece), text('</tool_response>')] },
      {
        role: 'assistant',
        parts: [text('<think>Now it can be seen.</think>\n<answer>A red one, 12 cm high.</answer>')],
      },
    ],
    [
      {
        role: 'user',
        parts: [
          text('Write the numbers from one to ten, then the days of the week, in French and in German.'),
        ],
      },
      {
        role: 'assistant',
        parts: [
          text(
            'un, deux, trois, quatre, cinq, six, sept, huit, neuf, dix; eins, zwei, drei, vier, fünf, sechs, sieben, acht, neun, zehn. lundi, mardi, mercredi, jeudi, vendredi, samedi, dimanche; Montag, Dienstag, Mittwoch, Donnerstag, Freitag, Samstag, Sonntag.',
          ),
        ],
      },
    ],
  ];
}

async function recordedDialogues(run: string): Promise<readonly (readonly Message[])[]> {
  const { setting, rollouts } = await readRecordedRun(run);
  const limits = { factor: 28, minPixels: 56 * 56, maxPixels: setting.viewMaxPixels };
  return Promise.all(
    rollouts.map(async ({ image, question, turns }) => {
      const picture = await decode(image);
      const messages = promptMessages(picture, question, setting);
      const seen = smartResize(picture, limits, 'transformers');
      for (const turn of turns) {
        messages.push({ role: 'assistant', parts: [{ type: 'text', text: turn }] });
        const observation = observe(turn, picture, seen, setting);
        if (observation) messages.push(observation.message);
      }
      return messages;
    }),
  );
}

function decode(file: string): Promise<RgbImage> {
  return decodeRgb({ kind: 'path', key: file, path: file }, MAX_PIXELS);
}
