import { decodeUtf8 } from '../../../common/json';
import type { Fields } from '../protobuf';
import { packedVarints, WIRE } from '../protobuf';

/*
 * TensorProto as summaries hold it. Source: `tensorflow/core/framework/tensor.proto`, `types.proto`.
 */

/** What a tensor is: one number, texts, or something that no curve is made of. */
export type TensorContent =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'texts'; readonly texts: readonly string[] }
  | { readonly kind: 'other' };

const TYPE = {
  float: 1,
  double: 2,
  int32: 3,
  string: 7,
  int64: 9,
  bool: 10,
  bfloat16: 14,
  half: 19,
} as const;
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
function bfloatToNumber(bits: number): number {
  floatBits.setUint32(0, bits * 65536);
  return floatBits.getFloat32(0);
}

/** Reads a tensor; only one with a single element is a number. */
export function readTensor(fields: Fields): TensorContent {
  let type = 0;
  let elements = 1;
  let raw: Uint8Array | undefined;
  const numbers: number[] = [];
  const texts: string[] = [];
  while (fields.next()) {
    const { field, wire } = fields;
    if (field === 1) type = fields.unsigned;
    else if (field === 2) elements = elementCount(fields.message);
    else if (field === 4) raw = fields.content;
    else if (field === 5) numbers.push(...floats(fields));
    else if (field === 6) numbers.push(...doubles(fields));
    else if (field === 8) texts.push(decodeUtf8(fields.content));
    else if ([7, 10, 11, 13].includes(field)) {
      numbers.push(...(wire === WIRE.bytes ? packedVarints(fields.content) : [fields.unsigned]));
    }
  }
  if (type === TYPE.string) return { kind: 'texts', texts };
  if (elements !== 1) return OTHER;
  const value = raw && raw.length > 0 ? rawNumber(raw, type) : typedNumber(numbers[0], type);
  return value === undefined ? OTHER : { kind: 'number', value };
}

function typedNumber(value: number | undefined, type: number): number | undefined {
  // A tensor of one element without any value holds the type's zero: protobuf leaves zeros out.
  if (value === undefined) return 0;
  if (type === TYPE.half) return halfToNumber(value);
  if (type === TYPE.bfloat16) return bfloatToNumber(value);
  return value >= 2 ** 63 ? value - 2 ** 64 : value;
}

function rawNumber(raw: Uint8Array, type: number): number | undefined {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const sizes: Readonly<Record<number, number>> = {
    [TYPE.double]: 8,
    [TYPE.int64]: 8,
    [TYPE.half]: 2,
    [TYPE.bfloat16]: 2,
    [TYPE.bool]: 1,
  };
  if (raw.length < (sizes[type] ?? 4)) return undefined;
  switch (type) {
    case TYPE.float:
      return view.getFloat32(0, true);
    case TYPE.double:
      return view.getFloat64(0, true);
    case TYPE.int32:
      return view.getInt32(0, true);
    case TYPE.int64:
      return Number(view.getBigInt64(0, true));
    case TYPE.half:
      return halfToNumber(view.getUint16(0, true));
    case TYPE.bfloat16:
      return bfloatToNumber(view.getUint16(0, true));
    case TYPE.bool:
      return raw[0];
    default:
      return undefined;
  }
}

function elementCount(shape: Fields): number {
  let count = 1;
  while (shape.next()) {
    if (shape.field !== 2 || shape.wire !== WIRE.bytes) continue;
    const dimension = shape.message;
    // A dimension without a size has size 0: protobuf leaves zeros out.
    let size = 0;
    while (dimension.next()) if (dimension.field === 1) size = dimension.signed;
    count *= size;
  }
  return count;
}

function floats(fields: Fields): number[] {
  if (fields.wire === WIRE.fixed32) return [fields.float];
  const { content } = fields;
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  // One is enough to know a number; the rest of a large tensor is not looked at.
  return content.length >= 4 ? [view.getFloat32(0, true)] : [];
}

function doubles(fields: Fields): number[] {
  if (fields.wire === WIRE.fixed64) return [fields.double];
  const { content } = fields;
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  return content.length >= 8 ? [view.getFloat64(0, true)] : [];
}
