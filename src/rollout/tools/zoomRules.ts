import type { ResizeFlavour } from '../../common/smartResize';
import type { ZoomVariant } from '../../trajectory/trajectory';

/** What sets the producers' zoom tools apart. Lengths in pixels of the image that is cut. */
export interface ZoomRules {
  /** `processed`: the original after `fetch_image`, that is at its `smartResize` size. */
  readonly cutsFrom: 'original' | 'processed';
  /** The box is moved inside the image first; otherwise what lies outside is black. */
  readonly clamps: boolean;
  /** The shorter side must be longer than this. */
  readonly minSideAbove?: number;
  /** The longer side may be this many times the shorter. */
  readonly maxAspect?: number;
  /**
   * What becomes of a side under 28 pixels. `around`: the box grows about its centre in proportion, out of the image
   * if need be; `inside`: likewise, then it is moved inside; `cutOff`: it grows and what is outside is cut off, unless
   * too little remains.
   */
  readonly growth: 'none' | 'around' | 'inside' | 'cutOff';
  /** A side under this grows, in place of `MIN_DIMENSION`. */
  readonly minDimension?: number;
  /** The box grows by this factor about its centre before all else. */
  readonly enlarges?: number;
  /** The crop is scaled by this factor, and further until its shorter side has so many pixels, before it is resized. */
  readonly scales?: { readonly factor: number; readonly minSide: number };
  /** Whose `smart_resize` the crop passes through. */
  readonly resize: ResizeFlavour;
  /** The resized size follows from the box before rounding instead of from the crop. */
  readonly resizesUnrounded: boolean;
  /** The call's name is looked at; where it is not, any call with a box zooms. */
  readonly checksName: boolean;
  /** `image_rotate_tool` runs as well. */
  readonly rotates: boolean;
  /** One refused call makes the whole turn an error, and no crop of the turn comes back. */
  readonly failsWholeTurn: boolean;
}

const TRAINING: ZoomRules = {
  cutsFrom: 'original',
  clamps: true,
  maxAspect: 100,
  growth: 'around',
  resize: 'qwenVlUtils',
  resizesUnrounded: false,
  checksName: true,
  rotates: true,
  failsWholeTurn: false,
};

/** The zoom tool of each producer, read from the source that each comment names. */
export const ZOOM_RULES: Readonly<Record<ZoomVariant, ZoomRules>> = {
  // DeepEyes verl/workers/agent/envs/mm_process_engine/visual_toolbox_v2.py as released. Older revisions of that file
  // lack the test on 30 pixels; with it the growth that follows in the source can never be reached.
  trainingV2: { ...TRAINING, minSideAbove: 30 },
  // DeepEyes .../visual_toolbox_v5.py. A grown box is checked again but not clamped again.
  trainingV5: { ...TRAINING, failsWholeTurn: true },
  // DeepEyes eval/eval_vstar.py: `Image.crop` with the numbers as they come, no look at the tool's name.
  evaluation: {
    cutsFrom: 'original',
    clamps: false,
    growth: 'none',
    resize: 'evaluation',
    resizesUnrounded: true,
    checksName: false,
    rotates: false,
    failsWholeTurn: false,
  },
  // verl verl/tools/image_zoom_in_tool.py. Its `create` passes the image through `fetch_image` before any cut.
  verl: { ...TRAINING, cutsFrom: 'processed', growth: 'inside', rotates: false },
  // ms-swift examples/train/grpo/plugin/deepeyes/deepeyes_plugin.py: the rules of v2 on the fetched image.
  msSwift: { ...TRAINING, cutsFrom: 'processed', minSideAbove: 30, rotates: false },
  // Qwen-Agent qwen_agent/tools/image_zoom_in_qwen3vl.py.
  qwen3Vl: {
    cutsFrom: 'original',
    clamps: true,
    growth: 'cutOff',
    minDimension: 32,
    resize: 'evaluation',
    resizesUnrounded: true,
    checksName: true,
    rotates: false,
    failsWholeTurn: false,
  },
  // Mini-o3: fractions of the picture that the call names. Its tests of a box are not known; these are the mildest.
  miniO3: {
    cutsFrom: 'original',
    clamps: true,
    growth: 'none',
    resize: 'qwenVlUtils',
    resizesUnrounded: false,
    checksName: true,
    rotates: false,
    failsWholeTurn: false,
  },
  // Chain-of-Focus: boxes are enlarged, crops scaled. How the two limits meet others is inferred.
  chainOfFocus: {
    ...TRAINING,
    growth: 'none',
    enlarges: 1.5,
    scales: { factor: 2, minSide: 112 },
    rotates: false,
    failsWholeTurn: true,
  },
};

/** Sides under this grow, where a variant grows boxes: one merged patch of Qwen2.5-VL. */
export const MIN_DIMENSION = 28;

/** Above this many pixels Pillow refuses to cut: twice its `MAX_IMAGE_PIXELS`. Source: Pillow 12 `Image.py`. */
export const PILLOW_BOMB_PIXELS = 2 * Math.floor((1024 * 1024 * 1024) / 4 / 3);
