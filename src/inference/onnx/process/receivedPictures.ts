import { ImcotError } from '../../../common/errors';
import type { Message, ModelImage } from '../../backend';
import type { PictureId, SentImage, SentMessage } from '../../workerApi';

/** Pictures that were sent ahead and wait for the message that names them. */
export class ReceivedPictures {
  private readonly pixels = new Map<PictureId, Uint8Array>();

  /** Takes a piece. */
  add(id: PictureId, length: number, offset: number, bytes: Uint8Array): void {
    let whole = this.pixels.get(id);
    if (!whole) this.pixels.set(id, (whole = new Uint8Array(length)));
    whole.set(bytes, offset);
  }

  forget(id: PictureId): void {
    this.pixels.delete(id);
  }

  /** The message with its pictures in it; they are not kept any longer. @throws ImcotError `internal` for one that never came */
  message(message: SentMessage): Message {
    const parts = message.parts.map((part) =>
      part.type === 'image' ? { type: 'image' as const, image: this.image(part.image) } : part,
    );
    return { ...message, parts };
  }

  /** @throws ImcotError `internal` for a picture that never came */
  image(image: SentImage): ModelImage {
    const { pixels } = image;
    if (!('picture' in pixels)) return { ...image, pixels };
    const { picture, width, height } = pixels;
    const data = this.pixels.get(picture);
    if (!data) throw new ImcotError('internal', 'A picture did not reach the process of the model.');
    this.pixels.delete(picture);
    return { ...image, pixels: { width, height, data } };
  }
}
