import type { BoundingBox, Size } from '../../common/boundingBox';
import type { CallPlace } from '../../protocol/trajectoryView';
import type { CallSource } from '../../rollout/tools/conversationPictures';
import type { PlannedCall } from '../../rollout/tools/planCalls';
import { observationId, originalId } from '../images/resolvedImage';

/** The id of the picture that a call worked on. */
export function idOfSource(source: CallSource): string {
  return source.kind === 'prompt' ? originalId(source.image) : observationId(source.turn, source.image);
}

/** Where a picture lies on the one that it was cut from in the end. */
interface Region {
  readonly image: string;
  /** In pixels of that image. */
  readonly box: BoundingBox;
}

/**
 * Places boxes that were drawn on crops. A crop is an upright piece of a picture of the prompt, and so is a crop of it:
 * its boxes are shown there, where all of a rollout's boxes can be compared with each other and with the whole. Only
 * what was turned has no such place; then the picture itself is the ground.
 */
export class CallPlaces {
  /** What made each observed picture, by its id. */
  private readonly makers = new Map<string, PlannedCall>();

  constructor(planned: readonly PlannedCall[]) {
    for (const call of planned)
      if (call.observationImage !== undefined)
        this.makers.set(observationId(call.turn, call.observationImage), call);
  }

  /** The place of a zoom call's boxes; undefined where it has none or nothing tells on which picture. */
  of(call: PlannedCall): CallPlace | undefined {
    const { source, sourceSize, report } = call;
    if (!source || !sourceSize || report.tool !== 'zoom') return undefined;
    const { cut, placed } = report;
    const drawn = cut ?? placed;
    if (!drawn) return undefined;
    const ground = this.region(source);
    const image = ground?.image ?? idOfSource(source);
    const there = (box: BoundingBox): BoundingBox => (ground ? within(ground.box, box, sourceSize) : box);
    const changed = cut && placed && (report.clamped || report.grown);
    return { image, box: there(drawn), ...(changed && { requested: there(placed) }) };
  }

  /** Where an observed picture lies; undefined for pictures of the prompt, and for those that are no upright piece. */
  private region(source: CallSource): Region | undefined {
    if (source.kind === 'prompt') return undefined;
    const maker = this.makers.get(idOfSource(source));
    if (!maker?.source || !maker.sourceSize || maker.report.tool !== 'zoom' || !maker.report.cut)
      return undefined;
    const { cut } = maker.report;
    if (maker.source.kind === 'prompt') return { image: idOfSource(maker.source), box: cut };
    const ground = this.region(maker.source);
    return ground && { image: ground.image, box: within(ground.box, cut, maker.sourceSize) };
  }
}

/** A box on a picture of this size, as it lies on the region that the picture shows. */
function within(region: BoundingBox, box: BoundingBox, size: Size): BoundingBox {
  const x = (region.x2 - region.x1) / size.width;
  const y = (region.y2 - region.y1) / size.height;
  return {
    x1: region.x1 + box.x1 * x,
    y1: region.y1 + box.y1 * y,
    x2: region.x1 + box.x2 * x,
    y2: region.y1 + box.y2 * y,
  };
}
