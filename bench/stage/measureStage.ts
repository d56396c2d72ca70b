import sharp from 'sharp';
import type { BoundingBox, Size } from '../../src/common/boundingBox';
import { ImagePictures } from '../../src/host/images/imagePictures';
import type { ImagePlan } from '../../src/host/images/resolvedImage';
import { SharpImageStore } from '../../src/imaging/sharpImageStore';
import { planCall } from '../../src/rollout/tools/planCalls';
import { median, milliseconds } from '../harness';

/** Longer sides that the page asks for: of a stage, of a crop in the tree. */
const STAGE = 1600;
const CROP = 720;
const ROUNDS = 3;
/** Widths of boxes, and of the pieces of a stage that is zoomed in, as shares of the picture's width. */
const BOXES = [0.02, 0.04, 0.07, 0.1, 0.18, 0.25, 0.35] as const;
const PIECES = [0.1, 0.2, 0.4] as const;

/** Milliseconds from a request to encoded bytes. */
export interface StageTimes {
  /** Look-up, size and preview by a store that has seen nothing; median of the rounds. */
  readonly preview: number;
  /** The first crop, with which the picture is decoded; median of the rounds. */
  readonly firstCrop: number;
  /** Each further crop, median of the rounds. */
  readonly crops: readonly number[];
  /** Each piece of the picture at full detail, median of the rounds. */
  readonly pieces: readonly number[];
  /** The same by one plain call of sharp each: medians. */
  readonly peerPreview: number;
  readonly peerCrop: number;
}

/**
 * Measures what stage and tree ask of the host for one picture, by the code that answers them.
 * @param file a JPEG
 */
export async function measureStage(file: string): Promise<StageTimes> {
  const previews: number[] = [];
  const firsts: number[] = [];
  const crops: number[][] = [];
  const pieces: number[][] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const store = new SharpImageStore();
    const pictures = new ImagePictures(store, () => Promise.resolve({ status: 'found', path: file }));
    try {
      let opened: Opened | undefined;
      previews.push(
        await milliseconds(async () => {
          opened = await open(pictures, file);
          await pictures.picture(opened.whole, STAGE);
        }),
      );
      if (!opened) throw new Error('the picture was not opened');
      const { whole, size, cut } = opened;
      const [first, ...others] = boxesOf(BOXES, size).map(cut);
      if (first) firsts.push(await milliseconds(() => pictures.picture(first, CROP)));
      for (const [at, plan] of others.entries())
        (crops[at] ??= []).push(await milliseconds(() => pictures.picture(plan, CROP)));
      for (const [at, box] of boxesOf(PIECES, size).entries())
        (pieces[at] ??= []).push(await milliseconds(() => pictures.region(whole, box, STAGE)));
    } finally {
      store.dispose();
    }
  }
  return {
    preview: median(previews),
    firstCrop: median(firsts),
    crops: crops.map(median),
    pieces: pieces.map(median),
    ...(await measurePeer(file)),
  };
}

interface Opened {
  readonly size: Size;
  readonly whole: ImagePlan;
  cut(box: BoundingBox): ImagePlan;
}

async function open(pictures: ImagePictures, file: string): Promise<Opened> {
  const found = await pictures.resolve({ kind: 'file', path: file }, new Map());
  if (found.state !== 'available') throw new Error(found.message);
  const { input, size } = found;
  const cut = (box: BoundingBox): ImagePlan => {
    const call = {
      status: 'parsed',
      text: '',
      name: 'image_zoom_in_tool',
      arguments: new Map(),
      box,
    } as const;
    const report = planCall(call, size, { variant: 'trainingV2', frame: 'original' });
    return { kind: 'rebuilt', original: input, report };
  };
  return { size, whole: { kind: 'whole', input }, cut };
}

async function measurePeer(file: string): Promise<Pick<StageTimes, 'peerPreview' | 'peerCrop'>> {
  const { width = 0, height = 0 } = await sharp(file).autoOrient().metadata();
  const whole: number[] = [];
  const cut: number[] = [];
  const inside = { width: STAGE, height: STAGE, fit: 'inside' } as const;
  for (let round = 0; round < ROUNDS; round++)
    whole.push(await milliseconds(() => sharp(file).autoOrient().resize(inside).jpeg().toBuffer()));
  for (const { x1, y1, x2, y2 } of boxesOf(BOXES, { width, height })) {
    const region = { left: x1, top: y1, width: x2 - x1, height: y2 - y1 };
    const fitted = { width: CROP, height: CROP, fit: 'inside', withoutEnlargement: true } as const;
    const crop = (): Promise<unknown> =>
      sharp(file).autoOrient().extract(region).resize(fitted).png().toBuffer();
    cut.push(await milliseconds(crop));
  }
  return { peerPreview: median(whole), peerCrop: median(cut) };
}

/** Boxes of such widths all over a picture, three of each. */
function boxesOf(shares: readonly number[], size: Size): BoundingBox[] {
  return shares.flatMap((share) => {
    const width = Math.round(size.width * share);
    const height = Math.round(width * 0.75);
    return [0.07, 0.51, 0.93].map((place) => {
      const x1 = Math.round((size.width - width) * place);
      const y1 = Math.round((size.height - height) * (1 - place));
      return { x1, y1, x2: x1 + width, y2: y1 + height };
    });
  });
}
