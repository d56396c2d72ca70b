import { decodeBase64 } from '../../common/base64';
import type { ImageReference } from '../../trajectory/imageReference';
import type { Codecs } from '../codecs';

/*
 * Every way in which a chat record names an image. Nothing is fetched or opened here: a web address is a file
 * reference like any other, and the image store refuses what it may not open.
 */

const DATA_URL = /^data:([^;,]*)((?:;[^;,]*)*),/i;
const MIN_BARE_BASE64 = 64;

/** First bytes of the image kinds that a model can be given, with their media types. */
const SIGNATURES: readonly { readonly bytes: readonly number[]; readonly mediaType: string }[] = [
  { bytes: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], mediaType: 'image/png' },
  { bytes: [0xff, 0xd8, 0xff], mediaType: 'image/jpeg' },
  { bytes: [0x47, 0x49, 0x46, 0x38], mediaType: 'image/gif' },
  { bytes: [0x52, 0x49, 0x46, 0x46], mediaType: 'image/webp' },
  { bytes: [0x42, 0x4d], mediaType: 'image/bmp' },
];

/** What the bytes say that they are; undefined for anything else. */
function imageMediaType(bytes: Uint8Array): string | undefined {
  return SIGNATURES.find((known) => known.bytes.every((byte, index) => bytes[index] === byte))?.mediaType;
}

/** Turns spellings of images into references and keeps the bytes that stood inside the record. */
export class ChatImages {
  private readonly held = new Map<string, Uint8Array>();
  private nextSibling = 0;

  /**
   * @param siblings the record's own list of images, to which placeholders in the text refer in order
   */
  constructor(
    private readonly codecs: Codecs,
    private readonly siblings: readonly unknown[],
  ) {}

  /** The inline images met so far, by content hash. */
  get inline(): ReadonlyMap<string, Uint8Array> {
    return this.held;
  }

  /** The image that the next placeholder stands for; blank when the record's list has no more. */
  sibling(): ImageReference {
    const value = this.siblings[this.nextSibling];
    if (this.nextSibling >= this.siblings.length) return { kind: 'blank' };
    this.nextSibling++;
    return this.reference(value);
  }

  /** The images of the record's list that no placeholder asked for. */
  remaining(): ImageReference[] {
    const rest: ImageReference[] = [];
    while (this.nextSibling < this.siblings.length) rest.push(this.sibling());
    return rest;
  }

  /**
   * One image: a path, an address, a data URL, bare base64, or an object that holds one of these (`url`, `path`,
   * `bytes`, `base64`, `data`, Anthropic's `source`). What can't be told or decoded is blank.
   */
  reference(value: unknown): ImageReference {
    if (typeof value === 'string') return this.fromText(value);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return { kind: 'blank' };
    const record = value as Readonly<Record<string, unknown>>;
    for (const key of ['bytes', 'base64', 'data']) {
      const held = record[key];
      if (held instanceof Uint8Array && held.length > 0) return this.fromBytes(held, undefined);
      if (typeof held !== 'string' || held === '') continue;
      const label = typeof record['media_type'] === 'string' ? record['media_type'] : undefined;
      const found = held.startsWith('data:') ? this.fromText(held) : this.fromBase64(held, label);
      if (found.kind !== 'blank') return found;
    }
    for (const key of ['url', 'path']) {
      const held = record[key];
      if (typeof held === 'string' && held !== '') return this.fromText(held);
    }
    return { kind: 'blank' };
  }

  private fromText(text: string): ImageReference {
    const data = DATA_URL.exec(text.slice(0, 256));
    if (data !== null) {
      const isBase64 = (data[2] ?? '').toLowerCase().split(';').includes('base64');
      return isBase64 ? this.fromBase64(text.slice(data[0].length), data[1]) : { kind: 'blank' };
    }
    if (text === '' || text.startsWith('data:')) return { kind: 'blank' };
    if (text.startsWith('file://')) return { kind: 'file', path: pathOfFileUrl(text) };
    if (looksLikeBase64Image(text)) {
      const found = this.fromBase64(text, undefined);
      if (found.kind !== 'blank') return found;
    }
    return { kind: 'file', path: text };
  }

  private fromBase64(text: string, label: string | undefined): ImageReference {
    const bytes = decodeBase64(text);
    if (bytes === undefined || bytes.length === 0) return { kind: 'blank' };
    return this.fromBytes(bytes, label);
  }

  private fromBytes(bytes: Uint8Array, label: string | undefined): ImageReference {
    const hash = this.codecs.sha256(bytes);
    this.held.set(hash, bytes);
    // The bytes know better than the label: PNG files labelled image/jpeg are common.
    return { kind: 'inline', hash, mediaType: imageMediaType(bytes) ?? label ?? 'application/octet-stream' };
  }
}

/** Bare base64 is told from a path by the signs that an image's first bytes turn into. */
function looksLikeBase64Image(text: string): boolean {
  return text.length >= MIN_BARE_BASE64 && /^(?:iVBORw0KGgo|\/9j\/|R0lGOD|UklGR|Qk)/.test(text);
}

function pathOfFileUrl(url: string): string {
  // `file://host/path` names another machine: left as it is, so that the image store refuses it.
  if (!url.startsWith('file:///')) return url;
  const path = url.slice('file://'.length);
  const local = /^\/[A-Za-z]:/.test(path) ? path.slice(1) : path;
  try {
    return decodeURIComponent(local);
  } catch {
    return local;
  }
}
