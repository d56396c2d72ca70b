import { encodeBase64 } from '../../common/base64';
import { throwIfCancelled } from '../../common/cancel';
import { LruCache } from '../../common/lru';
import { QWEN25_LIMITS, type ResizeLimits, smartResize, visualTokenCount } from '../../common/smartResize';
import type { RgbImage } from '../../imaging/imageStore';
import { pillowResizeInSlices } from '../../imaging/pillowResize';
import type { AppendedImage, ModelImage } from '../backend';
import type { ServerModelOptions } from './serverOptions';

/** Base64 text that is kept for pictures that come again, in UTF-16 units. */
const KEPT_TEXT = 64 * 1024 * 1024;

/** Makes data URLs of pictures, each picture that has a name once. */
export class DataUrls {
  private readonly kept = new LruCache<string, string>(KEPT_TEXT);
  private readonly limits: ResizeLimits;

  constructor(private readonly options: Pick<ServerModelOptions, 'encodeImage' | 'imageLimits'>) {
    this.limits = options.imageLimits ?? QWEN25_LIMITS;
  }

  /**
   * The picture as it is sent, and what the server will make of it by the rule of Qwen-VL's image processor and the
   * limits that were told: the server itself is not asked. A picture with limits of its own is resized before it is
   * sent, as `fetch_image` of qwen-vl-utils does, since a server takes none per picture.
   */
  async make(
    image: ModelImage,
    signal?: AbortSignal,
  ): Promise<{ readonly url: string; readonly appended: AppendedImage }> {
    const { minPixels = this.limits.minPixels, maxPixels = this.limits.maxPixels, pixels } = image;
    const hasOwn = image.minPixels !== undefined || image.maxPixels !== undefined;
    const sent = hasOwn ? smartResize(pixels, { ...this.limits, minPixels, maxPixels }) : pixels;
    const seen = smartResize(sent, this.limits, 'transformers');
    const appended = { seen, tokens: visualTokenCount(seen, this.limits.factor) };
    const name = image.key === undefined ? undefined : `${image.key} ${sent.width}x${sent.height}`;
    const known = name === undefined ? undefined : this.kept.get(name);
    if (known !== undefined) return { url: known, appended };
    const url = await this.encode(hasOwn ? await this.resize(pixels, sent, signal) : pixels);
    throwIfCancelled(signal);
    if (name !== undefined) this.kept.set(name, url, url.length);
    return { url, appended };
  }

  private async resize(
    pixels: RgbImage,
    size: { readonly width: number; readonly height: number },
    signal?: AbortSignal,
  ): Promise<RgbImage> {
    if (pixels.width === size.width && pixels.height === size.height) return pixels;
    return pillowResizeInSlices(pixels, size, async () => {
      throwIfCancelled(signal);
      await new Promise((resolve) => setTimeout(resolve, 0));
    });
  }

  private async encode(pixels: RgbImage): Promise<string> {
    const { mediaType, bytes } = await this.options.encodeImage(pixels);
    return `data:${mediaType};base64,${encodeBase64(bytes)}`;
  }
}
