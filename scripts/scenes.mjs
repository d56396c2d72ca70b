// Draws the sample scenes to media/demo/samples: `node scripts/scenes.mjs [name...]`. Deterministic: same pictures every time.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { allScenes } from './scenes/allScenes.mjs';

const out = path.join(path.dirname(fileURLToPath(import.meta.url)), '../media/demo/samples');
const wanted = process.argv.slice(2);

await mkdir(out, { recursive: true });
for (const scene of allScenes()) {
  if (wanted.length > 0 && !wanted.includes(scene.name)) continue;
  const jpeg = await sharp(Buffer.from(scene.svg))
    .flatten({ background: '#ffffff' })
    .jpeg({ quality: 86, mozjpeg: true })
    .toBuffer();
  await writeFile(path.join(out, `${scene.name}.jpg`), jpeg);
  const truth = {
    question: scene.question,
    options: scene.options,
    target_object: scene.targets.map(({ name }) => name),
    bbox: scene.targets.map(({ box }) => box),
  };
  await writeFile(path.join(out, `${scene.name}.json`), `${JSON.stringify(truth, null, 2)}\n`);
  process.stdout.write(
    `${scene.name}.jpg  ${scene.width} x ${scene.height}  ${Math.round(jpeg.length / 1024)} KB\n`,
  );
}
