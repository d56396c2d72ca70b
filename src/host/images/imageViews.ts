import type { Size } from '../../common/boundingBox';
import type { ResizeLimits } from '../../common/smartResize';
import { smartResize, visualTokenCount } from '../../common/smartResize';
import type { ImageView } from '../../protocol/trajectoryView';
import type { ImageReference } from '../../trajectory/imageReference';
import type { ToolReport } from '../../trajectory/toolReport';
import type { ImagePlan, ResolvedImage } from './resolvedImage';

/** An image for display and, where its bytes can be had, how. */
export interface PlannedImage {
  readonly view: ImageView;
  readonly plan?: ImagePlan;
}

/** What the policy saw of an image of this size; undefined for sizes that its processor refuses. */
export function seenAs(size: Size | undefined, limits?: ResizeLimits): Size | undefined {
  if (!size) return undefined;
  try {
    return smartResize(size, limits);
  } catch {
    return undefined;
  }
}

/** The last piece of a path of either kind. */
function baseName(path: string): string {
  return path.split(/[\\/]/).filter(Boolean).at(-1) ?? path;
}

function labelOf(reference: ImageReference): string {
  if (reference.kind === 'file') return baseName(reference.path);
  return reference.kind === 'inline' ? reference.mediaType : 'not in the log';
}

function sizes(
  size: Size | undefined,
  visualTokens: number | undefined,
  resizedSize = seenAs(size),
): Pick<ImageView, 'size' | 'resizedSize' | 'visualTokens'> {
  const tokens = visualTokens ?? (resizedSize && visualTokenCount(resizedSize));
  return {
    ...(size && { size }),
    ...(resizedSize && { resizedSize }),
    ...(tokens !== undefined && { visualTokens: tokens }),
  };
}

function availability(resolved: ResolvedImage): Pick<ImageView, 'state' | 'message' | 'tried'> {
  if (resolved.state === 'available') return { state: 'available' };
  const { state, message, tried } = resolved;
  return { state, message, ...(tried && { tried }) };
}

/**
 * An image whose own bytes were looked for: one of the prompt, or an observation's that the log names or holds.
 * @param seen size at which the policy saw it; absent: by the usual limits
 */
export function ownImage(
  id: string,
  kind: 'original' | 'stored',
  reference: ImageReference,
  resolved: ResolvedImage,
  seen?: Size,
): PlannedImage {
  const size = resolved.state === 'available' ? resolved.size : reference.size;
  const view: ImageView = {
    id,
    kind,
    label: labelOf(reference),
    ...sizes(size, reference.visualTokens, seen),
    ...availability(resolved),
  };
  return resolved.state === 'available' ? { view, plan: { kind: 'whole', input: resolved.input } } : { view };
}

const NO_CALL = 'The log kept nothing of this image, and no tool call says how to make it anew.';

function sizesOf(report: ToolReport): Size | undefined {
  return report.tool === 'zoom' ? report.cropSize : report.size;
}

/**
 * An image of an observation that the log left blank: made anew from the image that the tool worked on and what it did.
 * @param report what the tool did; undefined when that can't be told
 * @param original the image that the tool worked on
 */
export function rebuiltImage(
  id: string,
  reference: ImageReference,
  report: ToolReport | undefined,
  original: ResolvedImage | undefined,
): PlannedImage {
  const base = { id, kind: 'rebuilt' as const };
  const recorded = reference.visualTokens;
  const unknown = (message: string): PlannedImage => ({
    view: {
      ...base,
      ...sizes(reference.size, recorded),
      label: labelOf(reference),
      state: 'unknown',
      message,
    },
  });
  if (!report || !original) {
    return unknown(original?.state === 'available' || !original ? NO_CALL : original.message);
  }
  if (report.rejected !== undefined) return unknown(report.rejection ?? NO_CALL);
  const size = reference.size ?? sizesOf(report);
  const tokens = recorded ?? report.visualTokens;
  const view: ImageView = {
    ...base,
    label: report.tool === 'zoom' ? 'crop' : 'rotated image',
    ...(size && { size }),
    ...(report.resizedSize && { resizedSize: report.resizedSize }),
    ...(tokens !== undefined && { visualTokens: tokens }),
    ...availability(original),
  };
  if (original.state !== 'available') return { view };
  return { view, plan: { kind: 'rebuilt', original: original.input, report } };
}
