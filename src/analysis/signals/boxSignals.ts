import type { BoundingBox, Size } from '../../common/boundingBox';
import { boxArea, minSide, toOriginalFrame } from '../../common/boundingBox';
import { smartResize } from '../../common/smartResize';
import { pictureOfCall } from '../../trajectory/pictureOfCall';
import { recordedView } from '../../trajectory/recordedView';
import type { RejectReason, ToolReport } from '../../trajectory/toolReport';
import type { Trajectory } from '../../trajectory/trajectory';
import type { Turn } from '../../trajectory/turn';
import type { SignalInput } from './signal';

/** A box misses when it holds less than this share of every box of the ground truth. Ours: no source gives one. */
export const MISSED_BELOW = 0.1;
/** A box is the whole image when it holds at least this share of it. Ours as well. */
export const WHOLE_FROM = 0.9;
/** A crop with a side under one merged patch of the model. */
export const EMPTY_SIDE_BELOW = 28;
/** A crop that is enlarged by more than this, per side, only to reach the smallest size that the model takes. */
export const EMPTY_ENLARGED_ABOVE = 1.5;
/** Boxes whose shorter side is at most this were refused in training. Source: DeepEyes `visual_toolbox_v2.py`. */
const TRAINING_MIN_SIDE = 30;

/** A right answer although no box holds any of what it is about. */
export function rightButMissed({ figures, placed }: SignalInput): boolean | undefined {
  const { verdict, groundTruthBoxes } = figures.trajectory;
  if (verdict?.correct === false || figures.facts.boxes.length === 0) return false;
  if (!verdict || !groundTruthBoxes || groundTruthBoxes.length === 0) return undefined;
  const boxes = placed.flatMap(({ box }) => box ?? []);
  const hits = boxes.some((box) => groundTruthBoxes.some((truth) => coverage(box, truth) >= MISSED_BELOW));
  if (hits) return false;
  return boxes.length === placed.length && placed.length > 0 ? true : undefined;
}

/** Share of the truth's area that lies in the box, 0 to 1. */
function coverage(box: BoundingBox, truth: BoundingBox): number {
  const area = boxArea(truth);
  const shared = boxArea({
    x1: Math.max(box.x1, truth.x1),
    y1: Math.max(box.y1, truth.y1),
    x2: Math.min(box.x2, truth.x2),
    y2: Math.min(box.y2, truth.y2),
  });
  return area > 0 ? shared / area : 0;
}

/** The same four numbers twice, on the same picture. */
export function repeatedBox({ figures: { trajectory } }: SignalInput): boolean {
  const seen = new Set<string>();
  let pictures = Math.max(1, trajectory.prompt.images.length);
  for (const { parts, observation } of counted(trajectory)) {
    for (const part of parts) {
      if (part.kind !== 'toolCall' || part.call.status !== 'parsed' || !part.call.box) continue;
      const { x1, y1, x2, y2 } = part.call.box;
      const picture = pictureOfCall(trajectory.zoomVariant, part.call, pictures);
      const key = [picture ?? 'none', x1, y1, x2, y2].join(' ');
      if (seen.has(key)) return true;
      seen.add(key);
    }
    pictures += observation?.images.length ?? 0;
  }
  return false;
}

/** A zoom that zooms on nothing in particular. */
export function wholeImageBox({ placed, figures }: SignalInput): boolean | undefined {
  if (figures.facts.boxes.length === 0) return false;
  if (placed.some(({ area }) => area !== undefined && area >= WHOLE_FROM)) return true;
  // A box without area is no whole image; one that can't be placed may be.
  const isPlaced = placed.every(({ box, area }) => area !== undefined || (box && boxArea(box) === 0));
  return isPlaced && placed.length > 0 ? false : undefined;
}

const BOX_REASONS: ReadonlySet<RejectReason> = new Set([
  'inverted',
  'empty',
  'tooThin',
  'tooSmall',
  'tooLarge',
  'outside',
]);

/**
 * Training's own word, where the rollout is from there and it is recorded; else by the reports. Without them small and
 * inverted boxes are certain, since clamping makes a box only smaller; that a box would pass is not.
 */
export function rejectedInTraining({ figures, placed, trainingReports }: SignalInput): boolean | undefined {
  if (figures.facts.boxes.length === 0) return false;
  const recorded = refusedOnRecord(figures);
  if (recorded !== undefined) return recorded;
  if (trainingReports) return rejectedByReports(trainingReports);
  return placed.some(({ box }) => box && minSide(box) <= TRAINING_MIN_SIDE) ? true : undefined;
}

/** What came back in training: an error for a box that was refused, a crop for one that was taken. */
function refusedOnRecord({ trajectory, facts }: SignalInput['figures']): boolean | undefined {
  if (trajectory.zoomVariant !== 'trainingV2') return undefined;
  const replies = facts.boxes.map(({ acted, turn }) => {
    const observation = trajectory.turns[turn]?.observation;
    if (!acted || !observation) return undefined;
    if (observation.error !== undefined) return 'refused';
    return observation.images.length > 0 ? 'taken' : undefined;
  });
  if (replies.includes('refused')) return true;
  return replies.every((reply) => reply === 'taken') ? false : undefined;
}

function rejectedByReports(reports: readonly ToolReport[]): boolean | undefined {
  const zooms = reports.filter(({ tool }) => tool === 'zoom');
  if (zooms.some(({ rejected }) => rejected !== undefined && BOX_REASONS.has(rejected))) return true;
  return zooms.some(({ rejected }) => rejected === 'unknownFrame') ? undefined : false;
}

/** A crop that holds next to no pixels of its own. */
export function emptyZoom(input: SignalInput): boolean | undefined {
  const { figures, reports } = input;
  if (figures.facts.zoomCount === 0) return false;
  if (!reports) return emptyByBoxes(figures.trajectory);
  let isKnown = true;
  for (const report of reports) {
    if (report.tool !== 'zoom' || report.rejected !== undefined) continue;
    if (report.grown) return true;
    if (!report.cropSize || !report.resizedSize) isKnown = false;
    else if (showsNothing(report.cropSize, report.resizedSize)) return true;
  }
  return isKnown ? false : undefined;
}

/** By the boxes of calls that gave a crop, where crops are cut from the original and nothing is done to the box. */
function emptyByBoxes(trajectory: Trajectory): boolean | undefined {
  const { zoomVariant, frame } = trajectory;
  if (zoomVariant === 'qwen3Vl' || zoomVariant === 'miniO3' || zoomVariant === 'chainOfFocus')
    return undefined;
  const size = trajectory.prompt.images[0]?.size;
  const view = size && frame === 'resized' ? recordedView(trajectory, size) : undefined;
  let isKnown = true;
  for (const turn of counted(trajectory)) {
    if (!turn.observation?.images.length) continue;
    for (const part of turn.parts) {
      if (part.kind !== 'toolCall' || !part.acted || part.call.status !== 'parsed' || !part.call.box)
        continue;
      const { box } = part.call;
      const placed = frame === 'original' ? box : size && toOriginalFrame(box, frame, size, view);
      if (!placed) isKnown = false;
      else if (isEmptyBox(placed, size)) return true;
    }
  }
  return isKnown ? false : undefined;
}

function isEmptyBox(box: BoundingBox, size: Size | undefined): boolean {
  const crop = {
    width: Math.min(size?.width ?? Infinity, box.x2) - Math.max(0, box.x1),
    height: Math.min(size?.height ?? Infinity, box.y2) - Math.max(0, box.y1),
  };
  if (Math.min(crop.width, crop.height) < EMPTY_SIDE_BELOW) return true;
  try {
    return showsNothing(crop, smartResize(crop));
  } catch {
    // Too thin for the model, which is something else.
    return false;
  }
}

function showsNothing(crop: Size, resized: Size): boolean {
  if (Math.min(crop.width, crop.height) < EMPTY_SIDE_BELOW) return true;
  const enlarged = Math.sqrt((resized.width * resized.height) / (crop.width * crop.height));
  return enlarged > EMPTY_ENLARGED_ABOVE;
}

function counted(trajectory: Trajectory): Turn[] {
  return trajectory.turns.filter(({ recovered }) => recovered !== true);
}
