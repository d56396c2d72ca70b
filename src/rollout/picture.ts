import type { RgbImage } from '../imaging/imageStore';
import type { ToolReport } from '../trajectory/toolReport';
import type { RecordedImage } from './recorder';

/** A picture that stands in a rollout: what the model is given, and what the log keeps of it. */
export interface Picture {
  /** All pixels, upright, at the size that tools cut from. */
  readonly pixels: RgbImage;
  readonly record: RecordedImage;
  /** Names the content (a hash), so that a backend computes it once. */
  readonly key?: string;
}

/** Makes the pixels that a report speaks of. Given from outside: rollouts know nothing of files and codecs. */
export interface PictureCutter {
  /**
   * @param source the picture that the report was made for
   * @param report one that refused nothing and has a `resizedSize`
   * @returns the piece at the report's `resizedSize`, as Pillow's bicubic makes it
   * @throws ImcotError `cancelled` by the signal, and what the cutting throws
   */
  cut(source: RgbImage, report: ToolReport, signal?: AbortSignal): Promise<Picture>;
}
