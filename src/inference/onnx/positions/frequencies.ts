/** Cosine and sine of each angle; as many rows as positions. */
export interface RotaryRows {
  readonly cos: Float32Array;
  readonly sin: Float32Array;
}

/**
 * The frequencies of a rotary embedding, theta^(-2i / dimension) for i from 0: `dimension` / 2 of them. Every step is
 * rounded to float32, as in the reference: far positions multiply the last bit's error into the third decimal.
 * Source: `compute_default_rope_parameters` and `Qwen2_5_VisionRotaryEmbedding` of transformers' `modeling_qwen2_5_vl.py`.
 */
export function inverseFrequencies(theta: number, dimension: number): Float32Array {
  return Float32Array.from({ length: dimension / 2 }, (_, index) => {
    const exponent = Math.fround((2 * index) / dimension);
    return 1 / Math.fround(theta ** exponent);
  });
}

/**
 * Cosine and sine of position times frequency, the product rounded to float32.
 * @param positions `axes` numbers per row
 * @param axisOf for each column of the result, which of the row's numbers turns it
 * @param frequencies for each column of the result
 */
export function rotaryRows(
  positions: Int32Array,
  axes: number,
  axisOf: Uint8Array,
  frequencies: Float32Array,
): RotaryRows {
  const width = frequencies.length;
  const rows = positions.length / axes;
  const cos = new Float32Array(rows * width);
  const sin = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < width; column++) {
      const position = positions[row * axes + (axisOf[column] ?? 0)] ?? 0;
      const angle = Math.fround(position * (frequencies[column] ?? 0));
      cos[row * width + column] = Math.cos(angle);
      sin[row * width + column] = Math.sin(angle);
    }
  }
  return { cos, sin };
}
