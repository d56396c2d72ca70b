import { throwIfCancelled } from '../../../common/cancel';
import type { Message, ModelImage } from '../../backend';
import type { SentImage, SentMessage } from '../../workerApi';
import type { ModelProcess } from './modelProcess';

/** Bytes that are sent at a time: what the sender's thread copies in about a millisecond. */
const PIECE = 1024 * 1024;

/** Numbers of pictures, never used twice by this program and so by none of its model processes either. */
let nextPicture = 1;

/**
 * Sends the pixels of large pictures ahead of the message that holds them, piece by piece. A message of 36 MB would hold
 * the sender's thread, which in an editor is the extension host, for 50 to 100 ms.
 */
export class PictureSender {
  constructor(private readonly process: ModelProcess) {}

  /** Whether anything is to be sent ahead. */
  needs({ pixels }: ModelImage): boolean {
    return pixels.data.length > PIECE;
  }

  /** The message with its large pictures replaced by what names them. @throws ImcotError as `ModelProcess.call` says */
  async message(message: Message, signal: AbortSignal | undefined): Promise<SentMessage> {
    const parts: SentMessage['parts'][number][] = [];
    for (const part of message.parts) {
      parts.push(
        part.type === 'image' ? { type: 'image', image: await this.image(part.image, signal) } : part,
      );
    }
    return { ...message, parts };
  }

  /** @throws ImcotError as `ModelProcess.call` says, `cancelled` by the signal */
  async image(image: ModelImage, signal: AbortSignal | undefined): Promise<SentImage> {
    if (!this.needs(image)) return image;
    const { width, height, data } = image.pixels;
    const picture = nextPicture++;
    try {
      for (let offset = 0; offset < data.length; offset += PIECE) {
        throwIfCancelled(signal);
        const piece = data.subarray(offset, offset + PIECE);
        await this.process.call((api) => api.picture(picture, data.length, offset, piece), undefined);
      }
    } catch (thrown) {
      void this.process.call((api) => api.forgetPicture(picture), undefined).catch(() => undefined);
      throw thrown;
    }
    return { ...image, pixels: { width, height, picture } };
  }
}
