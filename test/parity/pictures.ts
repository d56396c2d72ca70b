import type { BoundingBox } from '../../src/common/boundingBox';
import type { ImageInput, RgbImage } from '../../src/imaging/imageStore';
import { pillowCrop } from '../../src/imaging/pillowCrop';
import { SharpImageStore } from '../../src/imaging/sharpImageStore';
import type { ModelImage } from '../../src/inference/backend';
import type { GoldenFolder } from './goldenFolder';
import { sha256 } from './goldenFolder';

/** The pictures of a reference folder as the product reads them: from the file's bytes, by the image store. */
export class Pictures {
  private readonly store = new SharpImageStore();

  constructor(private readonly golden: GoldenFolder) {}

  /** @param file inside images/ */
  input(file: string): ImageInput {
    const bytes = new Uint8Array(this.golden.bytes(`images/${file}`));
    return { kind: 'bytes', key: sha256(bytes), bytes };
  }

  rgb(file: string): Promise<RgbImage> {
    return this.store.rgb(this.input(file));
  }

  async cropped(file: string, box: readonly number[]): Promise<RgbImage> {
    return pillowCrop(await this.rgb(file), boundingBox(box));
  }

  /** A picture, or a part of it, for a model. */
  async forModel(file: string, box?: readonly number[]): Promise<ModelImage> {
    const pixels = box ? await this.cropped(file, box) : await this.rgb(file);
    return { pixels, key: sha256(pixels.data) };
  }

  dispose(): void {
    this.store.dispose();
  }
}

function boundingBox([x1 = NaN, y1 = NaN, x2 = NaN, y2 = NaN]: readonly number[]): BoundingBox {
  return { x1, y1, x2, y2 };
}
