import type { BoundingBox, Size } from '../common/boundingBox';
import { ImcotError } from '../common/errors';
import { LruCache } from '../common/lru';
import { decodePreview, decodeRgb, encodeRegion, imageSize, MAX_PIXELS } from './decodeImage';
import type { EncodedImage, ImageInput, ImageStore, RgbImage } from './imageStore';
import { Limiter } from '../common/limiter';
import { pillowCrop } from './pillowCrop';
import { loadSharp } from './sharpLibrary';

/** Budgets and limits; the defaults suit one editor window. */
export interface ImageStoreOptions {
  /** Bytes of decoded pixels that are kept. */
  readonly pixelBudget?: number;
  /** Bytes of encoded previews that are kept. */
  readonly previewBudget?: number;
  /** Pixels of the largest image that is decoded. */
  readonly maxPixels?: number;
}

const PIXEL_BUDGET = 256 * 1024 * 1024;
const PREVIEW_BUDGET = 48 * 1024 * 1024;
const SIZES_KEPT = 10_000;
/** Decoding runs on the four threads that Node's file access needs as well. */
const TASKS_AT_ONCE = 2;
const PNG_LEVEL = 3;
const WEBP_QUALITY = 90;

/** The image store over sharp. Errors as `ImageStore` says; after `dispose` all calls are `cancelled`. */
export class SharpImageStore implements ImageStore {
  private readonly pixels: LruCache<string, RgbImage>;
  private readonly previews: LruCache<string, EncodedImage>;
  private readonly sizes = new LruCache<string, Size>(SIZES_KEPT);
  private readonly underWay = new Map<string, Promise<unknown>>();
  private readonly limiter = new Limiter(TASKS_AT_ONCE);
  private readonly maxPixels: number;
  private disposed = false;

  constructor(options: ImageStoreOptions = {}) {
    this.pixels = new LruCache(options.pixelBudget ?? PIXEL_BUDGET);
    this.previews = new LruCache(options.previewBudget ?? PREVIEW_BUDGET);
    this.maxPixels = options.maxPixels ?? MAX_PIXELS;
  }

  size(input: ImageInput): Promise<Size> {
    return this.cached(this.sizes, `size ${input.key}`, 1, () => imageSize(input, this.maxPixels));
  }

  rgb(input: ImageInput): Promise<RgbImage> {
    const decode = () => decodeRgb(input, this.maxPixels);
    return this.cached(this.pixels, `rgb ${input.key}`, (image) => image.data.length, decode);
  }

  async crop(input: ImageInput, box: BoundingBox): Promise<RgbImage> {
    return pillowCrop(await this.rgb(input), box);
  }

  preview(input: ImageInput, maxSide: number): Promise<EncodedImage> {
    const side = Math.max(1, Math.round(maxSide));
    const decode = () => decodePreview(input, side, this.maxPixels);
    return this.cached(this.previews, `preview ${side} ${input.key}`, (image) => image.bytes.length, decode);
  }

  async region(input: ImageInput, box: BoundingBox, maxSide: number): Promise<EncodedImage> {
    const side = Math.max(1, Math.round(maxSide));
    const { x1, y1, x2, y2 } = box;
    const key = `region ${x1} ${y1} ${x2} ${y2} ${side} ${input.key}`;
    // The whole image is decoded once and kept, so that moving over it costs no more than cutting and encoding.
    const pixels = await this.rgb(input);
    const cost = (image: EncodedImage): number => image.bytes.length;
    return this.cached(this.previews, key, cost, () => encodeRegion(pixels, box, side));
  }

  piece(image: RgbImage, box: BoundingBox, maxSide: number): Promise<EncodedImage> {
    return this.task(() => encodeRegion(image, box, Math.max(1, Math.round(maxSide))));
  }

  encode(image: RgbImage, options: { lossless: boolean }): Promise<EncodedImage> {
    const { width, height, data } = image;
    return this.task(async () => {
      if (width === 0 || height === 0) {
        throw new ImcotError('input', `A picture of ${width} x ${height} pixels has nothing to show.`);
      }
      const picture = (await loadSharp())(data, { raw: { width, height, channels: 3 } });
      const encoded = options.lossless
        ? picture.png({ compressionLevel: PNG_LEVEL })
        : picture.webp({ quality: WEBP_QUALITY, effort: 1 });
      const bytes = await encoded.toBuffer();
      return { mediaType: options.lossless ? 'image/png' : 'image/webp', bytes, width, height };
    });
  }

  dispose(): void {
    this.disposed = true;
    this.pixels.clear();
    this.previews.clear();
    this.sizes.clear();
    this.underWay.clear();
  }

  /** From the cache, from the same work already under way, or by `make`. Failures are not kept. */
  private cached<T>(
    cache: LruCache<string, T>,
    key: string,
    cost: number | ((value: T) => number),
    make: () => Promise<T>,
  ): Promise<T> {
    const held = this.disposed ? undefined : cache.get(key);
    if (held !== undefined) return Promise.resolve(held);
    const running = this.underWay.get(key);
    // The key names the kind of value, so what runs under it gives that kind.
    if (running) return running as Promise<T>;
    const work = this.task(make)
      .then((value) => {
        if (!this.disposed) cache.set(key, value, typeof cost === 'number' ? cost : cost(value));
        return value;
      })
      .finally(() => this.underWay.delete(key));
    if (!this.disposed) this.underWay.set(key, work);
    return work;
  }

  private task<T>(make: () => Promise<T>): Promise<T> {
    return this.limiter.run(() => {
      if (this.disposed) throw new ImcotError('cancelled', 'The images were closed.');
      return make();
    });
  }
}
