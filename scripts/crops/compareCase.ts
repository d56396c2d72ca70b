import path from 'node:path';
import { boxFromArray } from '../../src/common/boundingBox';
import { ImcotError } from '../../src/common/errors';
import { QWEN25_LIMITS, smartResize } from '../../src/common/smartResize';
import type { ImageInput, RgbImage } from '../../src/imaging/imageStore';
import { nextTurn } from '../../src/imaging/nextTurn';
import { pillowResizeInSlices } from '../../src/imaging/pillowResize';
import { pillowRotateInSlices } from '../../src/imaging/pillowRotate';
import type { SharpImageStore } from '../../src/imaging/sharpImageStore';
import { openCheckpoint } from '../../src/inference/onnx/checkpoint/openCheckpoint';
import { prepareImage } from '../../src/inference/onnx/processor/imageProcessor';
import { differenceTo } from '../../test/parity/compare';
import { type GoldenFolder, sha256 } from '../../test/parity/goldenFolder';
import type { Entry } from '../../test/parity/trackedJson';
import type { GoldenCase } from './findCases';

/** What came of a case: how many of its values were compared, and those that differ, as sentences. */
export interface Compared {
  readonly values: number;
  readonly mismatches: readonly string[];
}

/** Largest difference of a normalised number: float32 arithmetic in another order. */
const NORMALISED = 1e-6;

/** Compares cases with what src/imaging makes of the same pictures. */
export class CaseComparer {
  private values = 0;
  private mismatches: string[] = [];

  constructor(
    private readonly golden: GoldenFolder,
    private readonly store: SharpImageStore,
  ) {}

  /** @throws Error where the case is not understood, or a file that it needs is not there */
  async compare(golden: GoldenCase): Promise<Compared> {
    this.values = 0;
    this.mismatches = [];
    const { image, entry } = golden;
    if (image === undefined) throw new Error('its picture is not in the folder');
    const bytes = new Uint8Array(this.golden.bytes(image));
    const input: ImageInput = { kind: 'bytes', key: sha256(bytes), bytes };
    if (golden.kind === 'box') await this.box(golden, input);
    else if (golden.kind === 'turn') await this.turn(golden, input);
    else if (golden.kind === 'picture') await this.picture(golden, input);
    else await this.size(entry, 'size_wh', input);
    entry.ignore('image');
    const unread = golden.book.flatMap(({ place, unread: keys }) => keys.map((key) => `${place}.${key}`));
    if (unread.length > 0) throw new Error(`nothing compares ${unread.join(', ')}`);
    if (this.values === 0) throw new Error('it has nothing to compare with');
    return { values: this.values, mismatches: this.mismatches };
  }

  private check(what: string, isRight: boolean): void {
    this.values++;
    if (!isRight) this.mismatches.push(what);
  }

  private async box({ entry, manifest }: GoldenCase, input: ImageInput): Promise<void> {
    const box = boxFromArray(entry.numbers('box'));
    if (!box) throw new Error('its box is not four numbers');
    let found: RgbImage | undefined;
    try {
      found = await this.store.crop(input, box);
    } catch (thrown) {
      if (!(thrown instanceof ImcotError) || thrown.code !== 'input') throw thrown;
    }
    if (entry.has('error')) {
      this.check(`is cut, where Pillow says ${entry.text('error')}`, found === undefined);
      return;
    }
    if (!found) {
      entry.ignore(...entry.keys);
      return this.check('is refused', false);
    }
    if (entry.has('target_wh')) {
      const [width = 0, height = 0] = entry.numbers('target_wh');
      found = await pillowResizeInSlices(found, { width, height }, nextTurn);
    }
    this.pixels(entry, found, manifest);
  }

  private async turn({ entry, manifest }: GoldenCase, input: ImageInput): Promise<void> {
    const turned = await pillowRotateInSlices(await this.store.rgb(input), entry.number('angle'), nextTurn);
    this.pixels(entry, turned, manifest);
  }

  /** Compares whatever a case says of its result: size, hash, all pixels. */
  private pixels(entry: Entry, found: RgbImage, manifest: string): void {
    for (const key of ['size_wh', 'size']) if (entry.has(key)) this.sides(entry, key, found);
    for (const key of ['rgb_sha256', 'sha256_rgb'])
      if (entry.has(key)) this.check('has other pixels', sha256(found.data) === entry.text(key));
    if (entry.has('rgb')) this.array(entry, 'rgb', found, manifest);
  }

  private sides(entry: Entry, key: string, found: { width: number; height: number }): void {
    const wanted = entry.numbers(key).join(' x ');
    const size = `${found.width} x ${found.height}`;
    this.check(`${key}: ${size} pixels instead of ${wanted}`, size === wanted);
  }

  private array(entry: Entry, key: string, found: RgbImage, manifest: string): void {
    const stored = this.golden.array(entry, key, manifest);
    const off = differenceTo(stored, found.data, [found.height, found.width, 3]);
    this.check(`${stored.place}: off by up to ${off} levels`, off === 0);
  }

  private async size(entry: Entry, key: string, input: ImageInput): Promise<void> {
    this.sides(entry, key, await this.store.size(input));
  }

  private async picture({ entry, manifest }: GoldenCase, input: ImageInput): Promise<void> {
    const rgb = await this.store.rgb(input);
    entry.ignore('file', 'mode');
    // Other ways of opening, which differ from the one that the policy's pictures go through.
    entry.ignore('stored_size_wh', 'stored_rgb_sha256');
    if (entry.has('alpha_dropped_rgb')) {
      entry.ignore('load_image_rgb_sha256');
      this.golden.array(entry, 'alpha_dropped_rgb', manifest);
    } else if (entry.has('load_image_rgb_sha256')) {
      this.check('load_image: has other pixels', sha256(rgb.data) === entry.text('load_image_rgb_sha256'));
    }
    if (entry.has('upright_size_wh')) await this.size(entry, 'upright_size_wh', input);
    for (const key of ['rgb', 'qwen_vl_utils_white_rgb'])
      if (entry.has(key)) this.array(entry, key, rgb, manifest);
    if (entry.has('fetch_image')) {
      const resized = await resize(rgb, smartResize(rgb, QWEN25_LIMITS, 'qwenVlUtils'));
      this.pixels(entry.entry('fetch_image'), resized, manifest);
    }
    if (!entry.has('processed')) return;
    for (const processed of entry.entries('processed')) await this.processed(processed, rgb, manifest);
  }

  private async processed(entry: Entry, rgb: RgbImage, manifest: string): Promise<void> {
    const folder = path.posix.normalize(entry.text('processor'));
    const { config } = await openCheckpoint(this.golden.checkpoint(folder));
    const { minPixels, maxPixels } = config.imageProcessor;
    const { seen, grid, pixelValues } = await prepareImage(rgb, config.imageProcessor, config.vision);
    const limits = entry.numbers('min_max_pixels');
    this.check(`${entry.place}: other limits`, limits.join() === [minPixels, maxPixels].join());
    const sides = entry.numbers('image_grid_thw');
    this.check(`${entry.place}: another grid`, sides.join() === [1, grid.rows, grid.columns].join());
    this.array(entry, 'resized_rgb', await resize(rgb, seen), manifest);
    const stored = this.golden.array(entry, 'pixel_values', manifest);
    const off = differenceTo(stored, pixelValues, stored.shape);
    this.check(`${stored.place}: off by up to ${off}`, off <= NORMALISED);
    entry.ignore('fast_vs_pil_max_abs', 'fast_vs_pil_levels', 'fast_vs_pil_share_of_values_off');
  }
}

function resize(image: RgbImage, size: { width: number; height: number }): Promise<RgbImage> {
  return pillowResizeInSlices(image, size, nextTurn);
}
