import { ROTATE_TOOL } from '../../trajectory/toolCall';
import { planRotate } from './imageRotate';
import type { ImageTool } from './imageTool';
import { ZOOM_RULES } from './zoomRules';

/**
 * Turns the original. DeepEyes' v1 declares it with the sign the wrong way round and wants a path that no environment
 * reads; this declaration says what really happens.
 */
export const ROTATE: ImageTool = {
  name: ROTATE_TOOL,
  declaration: JSON.stringify({
    type: 'function',
    function: {
      name: ROTATE_TOOL,
      description: 'Turn the image about its centre. The canvas keeps its size.',
      parameters: {
        type: 'object',
        properties: {
          angle: { type: 'number', description: 'Degrees. Positive values turn counter-clockwise.' },
        },
        required: ['angle'],
      },
    },
  }),
  runsIn: (variant) => ZOOM_RULES[variant].rotates,
  plan: planRotate,
};
