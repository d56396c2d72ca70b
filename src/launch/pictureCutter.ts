import { createHash } from 'node:crypto';
import { throwIfCancelled } from '../common/cancel';
import type { Disposable } from '../common/disposable';
import { cutPicture } from '../imaging/cutPicture';
import type { RgbImage } from '../imaging/imageStore';
import { SharpImageStore } from '../imaging/sharpImageStore';
import type { Picture, PictureCutter } from '../rollout/picture';
import type { ToolReport } from '../trajectory/toolReport';

/** Cuts pictures for rollouts; the log gets each piece as a PNG, so that it shows exactly what the model was shown. */
export class RolloutPictureCutter implements PictureCutter, Disposable {
  private readonly images = new SharpImageStore();

  async cut(source: RgbImage, report: ToolReport, signal?: AbortSignal): Promise<Picture> {
    throwIfCancelled(signal);
    const pixels = await cutPicture(source, report);
    throwIfCancelled(signal);
    const { bytes, mediaType, width, height } = await this.images.encode(pixels, { lossless: true });
    throwIfCancelled(signal);
    const key = createHash('sha256').update(bytes).digest('hex');
    return { pixels, key, record: { kind: 'bytes', bytes, mediaType, size: { width, height } } };
  }

  dispose(): void {
    this.images.dispose();
  }
}
