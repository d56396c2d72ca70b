import path from 'node:path';
import { DisposableOwner } from '../../common/disposable';
import type { LookupResult } from '../../imaging/imageLookup';
import { ImageLookup } from '../../imaging/imageLookup';
import { SharpImageStore } from '../../imaging/sharpImageStore';
import { ChosenTruth } from './chosenTruth';
import type { ImageAccess } from './imageAccess';
import { ImagePictures } from './imagePictures';
import { TruthBoxes } from './truthBoxes';
import { checkMayRead } from '../trust';
import type { WorkspaceImages } from './workspaceImages';

/** The images of all open logs: one store for the window, and look-ups that are made anew when the places change. */
export class LogImages extends DisposableOwner {
  private readonly store = this.own(new SharpImageStore());
  /** By the roots that each may read, so that logs of one folder share what is known of it. */
  private readonly lookups = new Map<string, ImageLookup>();

  private readonly chosen = new ChosenTruth(() => this.places.truthFile);

  constructor(private readonly places: WorkspaceImages) {
    super();
    this.own(places.onDidChange(() => this.lookups.clear()));
  }

  /** @param log the log's local file; undefined when it lies on another file system */
  of(log: string | undefined): ImageAccess {
    const find = (logged: string): Promise<LookupResult> => this.find(logged, log);
    return new ImagePictures(this.store, find, new TruthBoxes(() => this.chosen.boxes(), find));
  }

  private async find(logged: string, log: string | undefined): Promise<LookupResult> {
    const roots = this.places.roots(log);
    const [nearest] = roots;
    if (nearest === undefined) {
      return {
        status: 'missing',
        tried: [],
        note: 'There is no folder to look in: choose one, or open a folder.',
      };
    }
    // The look-up takes links in what it finds seriously; that the folder itself is inside is for us to see.
    await checkMayRead(nearest, this.places.trust);
    return this.lookup(roots).find(logged, log ?? path.join(nearest, 'log.jsonl'));
  }

  private lookup(roots: readonly string[]): ImageLookup {
    const key = roots.join('\0');
    const lookup = this.lookups.get(key) ?? new ImageLookup({ roots });
    this.lookups.set(key, lookup);
    return lookup;
  }
}
