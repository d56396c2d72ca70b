import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { median, report } from './harness';
import { CACHE } from './programs';
import { writePicture } from './rollouts/pictures';
import { measureStage } from './stage/measureStage';

const FOLDER = path.join(CACHE, 'stage');

async function main(): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  try {
    const photo = process.env['IMCOT_BENCH_PHOTO'];
    const file = photo ? path.resolve(photo) : await writePicture(FOLDER, 4032, 3024);
    const { width = 0, height = 0 } = await sharp(file).metadata();
    const times = await measureStage(file);
    const crop = median(times.crops);
    const ms = (what: string, value: number) => ({ what, value, unit: 'ms' });
    report({
      name: 'Image stage',
      how: [
        `A JPEG of ${width} x ${height} pixels (${photo ? 'a photograph' : 'made; IMCOT_BENCH_PHOTO names another'}), from the request to encoded bytes, by the code of the extension host that answers the page; the file is in the system's cache.`,
        `The preview has 1600 pixels on its longer side and is asked of a store that has seen nothing, look-up and size included; the first crop waits until the picture is decoded. ${times.crops.length} further crops of 2 to 35 % of the width, in three places each, at most 720 pixels wide; ${times.pieces.length} pieces of 10 to 40 % at full detail. Each is the median of three stores; of the crops and pieces the slowest is limited.`,
        'The peer is one plain call of sharp for each picture, which decodes the file each time.',
      ],
      measurements: [
        ms('the first crop', times.firstCrop),
        ms('a further crop, median', crop),
        ms('a piece at full detail, median', median(times.pieces)),
        ms('preview by the peer', times.peerPreview),
        ms('a crop by the peer, median', times.peerCrop),
      ],
      ratios: [
        { what: 'preview / preview by the peer', value: times.preview / times.peerPreview },
        { what: 'crop / crop by the peer, medians', value: crop / times.peerCrop, limit: { atMost: 1 } },
      ],
      limits: [
        { ...ms('preview, cold', times.preview), atMost: 1000 },
        { ...ms('the slowest further crop', Math.max(...times.crops)), atMost: 50 },
        { ...ms('the slowest piece', Math.max(...times.pieces)), atMost: 50 },
      ],
    });
  } finally {
    rmSync(FOLDER, { recursive: true, force: true });
  }
}

void main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
