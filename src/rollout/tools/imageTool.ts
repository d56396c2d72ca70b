import type { Size } from '../../common/boundingBox';
import type { ToolCall } from '../../trajectory/toolCall';
import type { ToolReport } from '../../trajectory/toolReport';
import type { ZoomVariant } from '../../trajectory/trajectory';
import type { ToolOptions } from './imageZoomIn';

/** A tool that makes one picture of another. A new one is a file with such a value, named in `toolRegistry`. */
export interface ImageTool {
  /** On the wire. */
  readonly name: string;
  /** One line of JSON that declares it in a system text, between `<tools>` and `</tools>`. */
  readonly declaration: string;
  /** Whether the producer of this variant runs it. */
  runsIn(variant: ZoomVariant): boolean;
  /**
   * What the tool does with a call, as data. Never throws.
   * @param image size of the picture that it works on
   */
  plan(call: ToolCall, image: Size, options: ToolOptions): ToolReport;
}
