import { ZOOM_TOOL } from '../../trajectory/toolCall';
import { planZoom } from './imageZoomIn';
import type { ImageTool } from './imageTool';

/** Cuts a box out of a picture. */
export const ZOOM: ImageTool = {
  name: ZOOM_TOOL,
  declaration: JSON.stringify({
    type: 'function',
    function: {
      name: ZOOM_TOOL,
      description: 'Look closer: cut a box out of the image and see it enlarged.',
      parameters: {
        type: 'object',
        properties: {
          bbox_2d: {
            type: 'array',
            items: { type: 'number' },
            minItems: 4,
            maxItems: 4,
            description: 'The box as [x1, y1, x2, y2]: its top left and its bottom right corner.',
          },
          label: { type: 'string', description: 'What is in the box.' },
        },
        required: ['bbox_2d'],
      },
    },
  }),
  runsIn: () => true,
  plan: planZoom,
};
