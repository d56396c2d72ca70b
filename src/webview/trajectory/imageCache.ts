import type { BoundingBox, Size } from '../../common/boundingBox';
import { boxToArray } from '../../common/boundingBox';
import type { ImageView } from '../../protocol/trajectoryView';
import { LruCache } from '../../common/lru';

/** A picture that an `<img>` may show. */
export interface Picture {
  /** Blob URL; revoked when the cache lets go of the picture, so use it at once. */
  readonly url: string;
  /** Pixels of what was sent. */
  readonly size: Size;
}

/** An encoded picture as the host sends it. */
export interface EncodedPicture {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  readonly size: Size;
}

/** Encoded bytes kept: dozens of previews. */
const BUDGET = 96 * 1024 * 1024;
/** Raster formats alone: a document format has no business in an `<img>` here. */
const MEDIA_TYPES = new Set([
  'image/png',
  'image/jpeg',
  'image/webp',
  'image/gif',
  'image/avif',
  'image/bmp',
]);

/** Pictures by record, image and size, each asked for once. */
export class ImageCache {
  private readonly pictures = new LruCache<string, Picture>(BUDGET, (_key, picture) =>
    URL.revokeObjectURL(picture.url),
  );
  private readonly pending = new Map<string, Promise<Picture>>();
  private round = 0;

  /** Counts how often all pictures were let go of. */
  get generation(): number {
    return this.round;
  }

  /**
   * @param fetch asks the host for an image of a record, its longer side at most `maxSide` pixels
   * @param fetchPiece asks for a piece of it
   */
  constructor(
    private readonly fetch: (index: number, imageId: string, maxSide: number) => Promise<EncodedPicture>,
    private readonly fetchPiece: (
      index: number,
      imageId: string,
      region: readonly [number, number, number, number],
      maxSide: number,
    ) => Promise<EncodedPicture>,
  ) {}

  /**
   * The picture.
   * @throws ImcotError as the host says, or Error when the bytes are no raster picture
   */
  async get(
    index: number,
    { id: imageId, kind }: Pick<ImageView, 'id' | 'kind'>,
    maxSide: number,
  ): Promise<Picture> {
    // What was rebuilt while nothing else was there gives way to what the file has.
    const key = `${index}/${maxSide}/${imageId}/${kind}`;
    return this.once(key, () => this.fetch(index, imageId, maxSide));
  }

  /**
   * A piece of the picture at full detail, as far as `maxSide` pixels go.
   * @param region whole pixels inside the image
   * @throws as `get`
   */
  async piece(
    index: number,
    { id, kind }: Pick<ImageView, 'id' | 'kind'>,
    region: BoundingBox,
    maxSide: number,
  ): Promise<Picture> {
    const box = boxToArray(region);
    const key = `${index}/${maxSide}/${box.join(' ')}/${id}/${kind}`;
    return this.once(key, () => this.fetchPiece(index, id, box, maxSide));
  }

  private async once(key: string, fetch: () => Promise<EncodedPicture>): Promise<Picture> {
    const kept = this.pictures.get(key);
    if (kept) return kept;
    const pending = this.pending.get(key) ?? this.load(key, fetch);
    this.pending.set(key, pending);
    try {
      return await pending;
    } finally {
      if (this.pending.get(key) === pending) this.pending.delete(key);
    }
  }

  /** Lets go of all pictures. */
  clear(): void {
    this.round++;
    this.pending.clear();
    this.pictures.clear();
  }

  private async load(key: string, fetch: () => Promise<EncodedPicture>): Promise<Picture> {
    const { round } = this;
    const encoded = await fetch();
    if (!MEDIA_TYPES.has(encoded.mediaType))
      throw new Error(`The image came as ${encoded.mediaType}, which is not shown.`);
    // The bytes are a copy of their own here, so a plain buffer stands behind them.
    const blob = new Blob([encoded.bytes as Uint8Array<ArrayBuffer>], { type: encoded.mediaType });
    const picture = { url: URL.createObjectURL(blob), size: encoded.size };
    if (round === this.round) this.pictures.set(key, picture, Math.min(blob.size, BUDGET));
    return picture;
  }
}
