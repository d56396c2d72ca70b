import { ImcotError } from '../../common/errors';
import type { ToolCall } from '../../trajectory/toolCall';
import type { ZoomVariant } from '../../trajectory/trajectory';
import type { ImageTool } from './imageTool';
import { ROTATE } from './rotateTool';
import { ZOOM } from './zoomTool';

/** Every tool that can run. */
export const IMAGE_TOOLS: readonly ImageTool[] = [ZOOM, ROTATE];

/** The tool that judges a call: the one that it names, where the variant runs that; else the zoom tool, which refuses. */
export function toolOf(call: ToolCall, variant: ZoomVariant): ImageTool {
  const named = IMAGE_TOOLS.find((tool) => call.status === 'parsed' && tool.name === call.name);
  return named?.runsIn(variant) ? named : ZOOM;
}

const END_OF_TOOLS = '</tools>';

/**
 * A system text that declares further tools, each on its own line after those that it has. One that it names already is
 * not declared twice.
 * @throws ImcotError `usage` for a name that is no tool's, and for a text without a list of tools
 */
export function withDeclaredTools(system: string, names: readonly string[]): string {
  return names.reduce((text, name) => {
    const tool = IMAGE_TOOLS.find((known) => known.name === name);
    if (!tool) {
      const known = IMAGE_TOOLS.map((entry) => entry.name).join(', ');
      throw new ImcotError('usage', `There is no tool named "${name}"; there are ${known}.`);
    }
    if (text.includes(`"name":"${name}"`)) return text;
    const lineEnd = text.indexOf(`\n${END_OF_TOOLS}`);
    if (lineEnd < 0) throw new ImcotError('usage', 'The system text has no list of tools to add one to.');
    return `${text.slice(0, lineEnd)}\n${tool.declaration}${text.slice(lineEnd)}`;
  }, system);
}
