/** The language model's shape. All counts; `headDim` = hiddenSize / heads. */
export interface TextConfig {
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headDim: number;
  /** Rows of the embedding and of lm_head; more than the tokenizer has ids. */
  readonly vocabularySize: number;
  readonly rmsNormEpsilon: number;
  readonly ropeTheta: number;
  /** How many of the headDim / 2 frequencies turn by the t, h and w position, in this order. */
  readonly mropeSection: readonly [number, number, number];
  /** The longest sequence that the checkpoint names, in tokens. */
  readonly maxPositions: number;
  /** lm_head shares its weights with the embedding. */
  readonly tiedEmbeddings: boolean;
}

/** The vision tower's shape. */
export interface VisionConfig {
  readonly depth: number;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly heads: number;
  /** Width of a visual token: equals the text's hiddenSize. */
  readonly outHiddenSize: number;
  /** Pixels. */
  readonly patchSize: number;
  /** Patches on a side of one visual token. */
  readonly mergeSize: number;
  readonly temporalPatchSize: number;
  readonly channels: number;
  /** Side of an attention window, in pixels. */
  readonly windowSize: number;
  /** Blocks that attend over the whole image; the others see one window. */
  readonly fullAttentionBlocks: readonly number[];
}

/** Ids that the code must know. */
export interface SpecialTokens {
  readonly image: number;
  readonly visionStart: number;
  readonly visionEnd: number;
  /** Those that config.json names for pictures and videos, the markers around them included. */
  readonly placeholders: readonly number[];
  /** Any of these ends a turn: generation_config.json's list, or config.json's one. */
  readonly endOfTurn: readonly number[];
}

/** generation_config.json, as far as sampling goes; what it does not say is absent. */
export interface GenerationDefaults {
  readonly doSample?: boolean;
  readonly temperature?: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly minP?: number;
  readonly repetitionPenalty?: number;
}

/** What the image processor does: preprocessor_config.json or processor_config.json. */
export interface ImageProcessorConfig {
  readonly minPixels: number;
  readonly maxPixels: number;
  /** Per channel, red green blue, of values in 0 to 1. */
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/** Everything about a checkpoint but its weights. */
export interface ModelConfig {
  readonly text: TextConfig;
  readonly vision: VisionConfig;
  readonly specialTokens: SpecialTokens;
  readonly generation: GenerationDefaults;
  readonly imageProcessor: ImageProcessorConfig;
}
