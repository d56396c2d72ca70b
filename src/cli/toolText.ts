import type { BoundingBox, Size } from '../common/boundingBox';
import { boxToArray } from '../common/boundingBox';
import type { ImageReference } from '../trajectory/imageReference';
import type { ToolCall } from '../trajectory/toolCall';
import type { ToolReport, ZoomReport } from '../trajectory/toolReport';
import type { Trajectory } from '../trajectory/trajectory';
import { safeLine } from './text/safeText';

/** `1344 x 896`. */
export const pixelsText = ({ width, height }: Size): string => `${width} x ${height}`;

const boxText = (box: BoundingBox): string => `[${boxToArray(box).join(', ')}]`;

/** Where an image is, its size in pixels and its visual tokens, as far as they are known. */
export function imageText(image: ImageReference): string {
  const name =
    image.kind === 'file'
      ? image.path
      : image.kind === 'inline'
        ? `inside the file, ${image.mediaType}`
        : 'not in the file';
  const size = image.size ? `, ${pixelsText(image.size)}` : '';
  const tokens = image.visualTokens === undefined ? '' : `, ${image.visualTokens} visual tokens`;
  return `${name}${size}${tokens}`;
}

function zoomText(report: ZoomReport): string {
  if (report.rejected !== undefined) return `refused: ${report.rejection ?? report.rejected}`;
  const steps: string[] = [];
  if (report.cut) {
    const how = report.grown ? ', grown' : report.clamped ? ', clamped to the image' : '';
    steps.push(`cut ${boxText(report.cut)}${how}`);
  }
  if (report.cropSize) steps.push(`crop ${pixelsText(report.cropSize)}`);
  if (report.resizedSize) steps.push(`seen as ${pixelsText(report.resizedSize)}`);
  if (report.visualTokens !== undefined) steps.push(`${report.visualTokens} visual tokens`);
  return steps.join(', ');
}

/** What a tool did with a call, or why it refused. */
export function reportText(report: ToolReport): string {
  if (report.tool === 'zoom') return zoomText(report);
  if (report.rejected !== undefined) return `refused: ${report.rejection ?? report.rejected}`;
  const tokens = report.visualTokens === undefined ? '' : `, ${report.visualTokens} visual tokens`;
  return `turned by ${report.angle} degrees${tokens}`;
}

/** What a call asks for. The label may be hostile: it is made safe. */
export function callText(call: ToolCall, frame: Trajectory['frame']): string {
  if (call.status === 'unparsable') return `unreadable call: ${safeLine(call.error)}`;
  const box = call.box ? ` ${boxText(call.box)}` : '';
  const unit = call.box && frame !== 'original' ? ` (${frame})` : '';
  const label = call.label === undefined ? '' : ` "${safeLine(call.label)}"`;
  const angle = call.angle === undefined ? '' : ` ${call.angle} degrees`;
  return `${safeLine(call.name)}${box}${unit}${label}${angle}`;
}
