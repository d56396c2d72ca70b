import { createHash } from 'node:crypto';

/** A picture that a request carries. */
export interface SeenPicture {
  readonly width: number;
  readonly height: number;
  readonly sha256: string;
}

const PREFIX = 'data:image/png;base64,';
const SIGNATURE = '89504e470d0a1a0a';
/** Where the head of a PNG holds its size (PNG specification, IHDR). */
const WIDTH_AT = 16;
const HEIGHT_AT = 20;

/**
 * The pictures in the messages of a request, in their order.
 * @throws Error for one that is no PNG in a data URL
 */
export function seenPictures(messages: unknown): SeenPicture[] {
  return contentParts(messages).flatMap((part) => {
    const { type, image_url: image } = part as { type?: unknown; image_url?: { url?: unknown } };
    return type === 'image_url' ? [seenPicture(image?.url)] : [];
  });
}

/** All texts of the messages, one after the other. */
export function seenText(messages: unknown): string {
  return contentParts(messages)
    .map((part) => (part as { text?: unknown }).text)
    .filter((text) => typeof text === 'string')
    .join('\n');
}

function contentParts(messages: unknown): unknown[] {
  if (!Array.isArray(messages)) throw new Error('A request without messages came.');
  return messages.flatMap((message: unknown) => {
    const { content } = message as { content?: unknown };
    return Array.isArray(content) ? (content as unknown[]) : [{ type: 'text', text: content }];
  });
}

function seenPicture(url: unknown): SeenPicture {
  if (typeof url !== 'string' || !url.startsWith(PREFIX))
    throw new Error('A picture came that is no PNG in a data URL.');
  const bytes = Buffer.from(url.slice(PREFIX.length), 'base64');
  if (bytes.subarray(0, 8).toString('hex') !== SIGNATURE) throw new Error('A picture came that is no PNG.');
  return {
    width: bytes.readUInt32BE(WIDTH_AT),
    height: bytes.readUInt32BE(HEIGHT_AT),
    sha256: createHash('sha256').update(new Uint8Array(bytes)).digest('hex'),
  };
}
