import { ImcotError } from '../../../common/errors';
import { decodeUtf8, parseJson } from '../../../common/json';
import { isJsonObject } from './folderFiles';

/** Bytes before the header: its length, a little-endian uint64. */
export const LENGTH_BYTES = 8;
/**
 * Real headers take about 130 bytes per tensor: 0.2 MB for the largest model of the family. The format's own limit of
 * 100 MB would let a hostile file keep the JSON parser busy for a minute and fill gigabytes of heap.
 */
export const MAX_HEADER_BYTES = 4 * 2 ** 20;

/** A tensor as a header describes it. */
export interface HeaderTensor {
  /** As stored. */
  readonly name: string;
  /** As stored, e.g. `BF16`; may be one that this program cannot read. */
  readonly type: string;
  readonly shape: readonly number[];
  /** Of the first byte, from the file's start. */
  readonly offset: number;
  readonly byteLength: number;
}

const TYPE_BYTES: ReadonlyMap<string, number> = new Map(
  Object.entries({
    ...{ BOOL: 1, U8: 1, I8: 1, F8_E4M3: 1, F8_E5M2: 1, F8_E8M0: 1 },
    ...{ U16: 2, I16: 2, F16: 2, BF16: 2, U32: 4, I32: 4, F32: 4 },
    ...{ U64: 8, I64: 8, F64: 8, C64: 8 },
  }),
);

/**
 * Tensors of a safetensors header, sorted by where they lie. They must cover the data without gap or overlap, from its
 * first byte to the file's last, and each must have the size that shape and type imply.
 * Source: the format description in the safetensors repository. Errors: `input`, with file and tensor.
 *
 * @param json the header's bytes, without the length in front of them
 * @param fileSize bytes of the whole file
 */
export function parseSafetensorsHeader(json: Uint8Array, file: string, fileSize: number): HeaderTensor[] {
  const refuse = (reason: string): never => {
    throw new ImcotError('input', `${file} is no whole safetensors file: ${reason}.`);
  };
  const parsed = parseJson(decodeUtf8(json));
  if (!parsed.ok) return refuse(`its header is not JSON (${parsed.error})`);
  if (!isJsonObject(parsed.value)) return refuse('its header is not a JSON object');
  const dataStart = LENGTH_BYTES + json.length;
  const tensors = Object.entries(parsed.value)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, entry]) => readEntry(name, entry, dataStart, refuse));
  tensors.sort((a, b) => a.offset - b.offset || a.byteLength - b.byteLength);
  let end = dataStart;
  for (const tensor of tensors) {
    if (tensor.offset !== end) refuse(`${shown(tensor.name)} does not begin where the tensor before it ends`);
    end += tensor.byteLength;
  }
  if (end > fileSize) {
    refuse(`by its header it has ${end} bytes, but only ${fileSize} are there. Download or copy it again`);
  }
  if (end < fileSize) refuse(`${fileSize - end} bytes follow its last tensor`);
  return tensors;
}

function readEntry(
  name: string,
  entry: unknown,
  dataStart: number,
  refuse: (reason: string) => never,
): HeaderTensor {
  if (!isJsonObject(entry)) return refuse(`the entry ${shown(name)} is not an object`);
  const own = (key: string): unknown => (Object.hasOwn(entry, key) ? entry[key] : undefined);
  const type = own('dtype');
  const shape = own('shape');
  const offsets = own('data_offsets');
  if (typeof type !== 'string') return refuse(`${shown(name)} has no dtype`);
  if (!isCounts(shape) || shape.length > 16) return refuse(`${shown(name)} has no shape of whole numbers`);
  if (!isCounts(offsets)) return refuse(`${shown(name)} has no data_offsets`);
  const [start, end] = offsets;
  if (offsets.length !== 2 || start === undefined || end === undefined || start > end) {
    return refuse(`the data_offsets of ${shown(name)} are no range`);
  }
  const bytes = TYPE_BYTES.get(type);
  const size = shape.reduce((product, side) => product * side, bytes ?? 1);
  if (bytes !== undefined && size !== end - start) {
    return refuse(`${shown(name)} takes ${end - start} bytes where its shape and type need ${size}`);
  }
  return { name, type, shape, offset: dataStart + start, byteLength: end - start };
}

function isCounts(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((entry) => Number.isSafeInteger(entry) && entry >= 0);
}

function shown(name: string): string {
  return name.length > 120 ? `${name.slice(0, 120)}…` : name;
}
