import { decodeUtf8 } from '../../../common/json';
import type { Fields } from '../protobuf';
import { firstPacked, viewOf, WIRE } from '../protobuf';

/*
 * TensorProto as summaries hold it. Source: `tensorflow/core/framework/tensor.proto`, `types.proto`.
 */

/** What a tensor is: one number, texts, or something that no curve is made of. */
export type TensorContent =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'texts'; readonly texts: readonly string[] }
  | { readonly kind: 'other' };

const FIELD = { type: 1, shape: 2, content: 4, floats: 5, doubles: 6, strings: 8 } as const;
/** Fields of whole numbers: int, int64, bool, half, uint32, uint64. */
const WHOLE_NUMBERS: readonly number[] = [7, 10, 11, 13, 16, 17];

const TYPE = { string: 7, bfloat16: 14, half: 19, uint64: 23 } as const;

interface NumberType {
  /** Bytes of an element in `tensor_content`. */
  readonly bytes: number;
  read(view: DataView): number;
}

/** How the types of numbers stand in `tensor_content`, by the type's number. */
const NUMBER_TYPES: ReadonlyMap<number, NumberType> = new Map([
  [1, { bytes: 4, read: (view: DataView) => view.getFloat32(0, true) }],
  [2, { bytes: 8, read: (view: DataView) => view.getFloat64(0, true) }],
  [3, { bytes: 4, read: (view: DataView) => view.getInt32(0, true) }],
  [4, { bytes: 1, read: (view: DataView) => view.getUint8(0) }],
  [5, { bytes: 2, read: (view: DataView) => view.getInt16(0, true) }],
  [6, { bytes: 1, read: (view: DataView) => view.getInt8(0) }],
  [9, { bytes: 8, read: (view: DataView) => Number(view.getBigInt64(0, true)) }],
  [10, { bytes: 1, read: (view: DataView) => view.getUint8(0) }],
  [TYPE.bfloat16, { bytes: 2, read: (view: DataView) => bfloatToNumber(view.getUint16(0, true)) }],
  [17, { bytes: 2, read: (view: DataView) => view.getUint16(0, true) }],
  [TYPE.half, { bytes: 2, read: (view: DataView) => halfToNumber(view.getUint16(0, true)) }],
  [22, { bytes: 4, read: (view: DataView) => view.getUint32(0, true) }],
  [TYPE.uint64, { bytes: 8, read: (view: DataView) => Number(view.getBigUint64(0, true)) }],
]);

const OTHER: TensorContent = { kind: 'other' };

/** A half-precision number (IEEE 754 binary16) from its bits. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const floatBits = new DataView(new ArrayBuffer(4));

/** A `bfloat16` (the upper half of a float) from its bits. */
export function bfloatToNumber(bits: number): number {
  floatBits.setUint32(0, bits * 65536);
  return floatBits.getFloat32(0);
}

/** Reads a tensor; only one with a single element is a number. */
export function readTensor(fields: Fields): TensorContent {
  let type = 0;
  let elements = 1;
  let content: Uint8Array | undefined;
  let listed: number | undefined;
  const texts: string[] = [];
  while (fields.next()) {
    const { field, wire } = fields;
    if (field === FIELD.type && wire === WIRE.varint) type = fields.unsigned;
    else if (field === FIELD.shape && wire === WIRE.bytes) elements = elementCount(fields.message);
    else if (field === FIELD.content && wire === WIRE.bytes) content = fields.content;
    else if (field === FIELD.strings && wire === WIRE.bytes) texts.push(decodeUtf8(fields.content));
    // One is enough to know a number; the rest of a large tensor is not looked at.
    else listed ??= firstListed(fields);
  }
  if (type === TYPE.string) return { kind: 'texts', texts };
  const known = NUMBER_TYPES.get(type);
  if (elements !== 1 || !known) return OTHER;
  const raw = content && content.length >= known.bytes ? content : undefined;
  return { kind: 'number', value: raw ? known.read(viewOf(raw)) : fromList(listed, type) };
}

/** The first number of a list, which stands packed in one field or as a field each. */
function firstListed(fields: Fields): number | undefined {
  const { field, wire } = fields;
  if (field === FIELD.floats && wire === WIRE.fixed32) return fields.float;
  if (field === FIELD.doubles && wire === WIRE.fixed64) return fields.double;
  if (WHOLE_NUMBERS.includes(field) && wire === WIRE.varint) return fields.signed;
  if (wire !== WIRE.bytes) return undefined;
  const { content } = fields;
  if (field === FIELD.floats && content.length >= 4) return viewOf(content).getFloat32(0, true);
  if (field === FIELD.doubles && content.length >= 8) return viewOf(content).getFloat64(0, true);
  return WHOLE_NUMBERS.includes(field) ? firstPacked(content) : undefined;
}

function fromList(value: number | undefined, type: number): number {
  // A tensor of one element without any value holds the type's zero: protobuf leaves zeros out.
  if (value === undefined) return 0;
  if (type === TYPE.half) return halfToNumber(value);
  if (type === TYPE.bfloat16) return bfloatToNumber(value);
  return type === TYPE.uint64 && value < 0 ? value + 2 ** 64 : value;
}

function elementCount(shape: Fields): number {
  let count = 1;
  while (shape.next()) {
    if (shape.field !== 2 || shape.wire !== WIRE.bytes) continue;
    const dimension = shape.message;
    // A dimension without a size has size 0: protobuf leaves zeros out.
    let size = 0;
    while (dimension.next()) {
      if (dimension.field === 1 && dimension.wire === WIRE.varint) size = dimension.signed;
    }
    count *= size;
  }
  return count;
}
