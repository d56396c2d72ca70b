/** Element types of tensors that cross into the runtime; the values are ONNX's TensorProto.DataType. */
export const ElementType = { float32: 1, uint8: 2, int32: 6, int64: 7, float16: 10, bfloat16: 16 } as const;
export type ElementType = (typeof ElementType)[keyof typeof ElementType];

/** What holds a tensor's numbers on this side. */
export type TensorData = Float32Array | Uint8Array | Int32Array | BigInt64Array;

/** The element type of an array. */
export function elementTypeOf(data: TensorData): ElementType {
  if (data instanceof Float32Array) return ElementType.float32;
  if (data instanceof Int32Array) return ElementType.int32;
  if (data instanceof BigInt64Array) return ElementType.int64;
  return ElementType.uint8;
}
