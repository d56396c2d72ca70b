import type { CoordinateFrame } from '../../common/boundingBox';
import type { ZoomReport } from '../../trajectory/toolReport';

/**
 * The report of a call that names a picture which is not there.
 * @param pictures how many stand in the conversation
 */
export function noImage(pictures: number, frame: CoordinateFrame): ZoomReport {
  const rejection = `The call names none of the ${pictures} pictures.`;
  return { tool: 'zoom', frame, clamped: false, grown: false, rejected: 'noImage', rejection };
}
