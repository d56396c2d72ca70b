import { ImcotError } from '../../../common/errors';
import { Limiter } from '../../../common/limiter';
import { LruCache } from '../../../common/lru';
import type { Size } from '../../../common/boundingBox';
import type { ModelImage } from '../../backend';
import type { ModelConfig } from '../checkpoint/modelConfig';
import type { PatchGrid } from '../positions/patchGrid';
import { prepareImage, seenSize } from '../processor/imageProcessor';
import type { VisionTower } from './visionTower';

/** About 18,000 visual tokens of the 7B model. */
const CACHE_BYTES = 256 * 2 ** 20;

/** Visual tokens of pictures, computed once for each content. */
export class ImageFeatures {
  private readonly cache = new LruCache<string, Float32Array>(CACHE_BYTES);
  private readonly oneAtATime = new Limiter(1);
  /** Pictures without a key are told apart by identity. */
  private readonly unnamed = new WeakMap<ModelImage, string>();
  private count = 0;
  private disposed = false;

  constructor(
    private readonly tower: () => VisionTower,
    private readonly config: Pick<ModelConfig, 'vision' | 'imageProcessor'>,
  ) {}

  /** What a picture will be, with its features made ready. */
  async look(
    image: ModelImage,
    signal?: AbortSignal,
  ): Promise<{ readonly grid: PatchGrid; readonly tokens: number; readonly seen: Size }> {
    const { imageProcessor, vision } = this.config;
    const seen = seenSize(image.pixels, imageProcessor, vision, image);
    const grid = { rows: seen.height / vision.patchSize, columns: seen.width / vision.patchSize };
    const features = await this.features(image, signal);
    return { grid, seen, tokens: features.length / vision.outHiddenSize };
  }

  /** [tokens, hidden] in reading order; not to be written to. */
  features(image: ModelImage, signal?: AbortSignal): Promise<Float32Array> {
    const key = this.keyOf(image);
    return this.oneAtATime.run(async () => {
      if (this.disposed) throw new ImcotError('cancelled', 'The model was unloaded.');
      const known = this.cache.get(key);
      if (known) return known;
      const prepared = await prepareImage(image.pixels, this.config.imageProcessor, this.config.vision, {
        ...(image.minPixels !== undefined && { minPixels: image.minPixels }),
        ...(image.maxPixels !== undefined && { maxPixels: image.maxPixels }),
        ...(signal && { signal }),
      });
      const features = await this.tower().features(prepared, signal);
      this.cache.set(key, features, features.byteLength);
      return features;
    }, signal);
  }

  /** Calls back once no picture is being computed. */
  whenIdle(task: () => void): void {
    void this.oneAtATime.run(() => Promise.resolve(task()));
  }

  /** As `whenIdle`, and takes no picture afterwards. */
  close(task: () => void): void {
    this.whenIdle(() => {
      this.disposed = true;
      task();
    });
  }

  private keyOf(image: ModelImage): string {
    const limits = `${String(image.minPixels)},${String(image.maxPixels)}`;
    if (image.key !== undefined) return `${image.key} ${limits}`;
    const known = this.unnamed.get(image) ?? `unnamed ${String(this.count++)}`;
    this.unnamed.set(image, known);
    return `${known} ${limits}`;
  }
}
