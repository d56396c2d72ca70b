import { decodeBase64 } from '../../common/base64';
import { boxFromArray } from '../../common/boundingBox';
import type { ImageReference } from '../../trajectory/imageReference';
import type { Provenance, Reward, RewardPart, UnknownPart } from '../../trajectory/reward';
import type { ToolCall } from '../../trajectory/toolCall';
import type { ModelPart, TextRange } from '../../trajectory/turn';
import type { Codecs } from '../codecs';
import { withBoundedDepth } from '../extras';
import { asTexts } from '../fields';
import { isCount, isJsonRecord, numberField, oneOf, sizeOf, textField } from './jsonFields';

/*
 * Values inside the events of the project's own log. Undefined means that the value is not what the format says.
 */

const PROVENANCES: readonly Provenance[] = ['stored', 'recovered', 'recomputed'];

/** `[key, value]` pairs as a Map; entries that are no such pair are passed over. */
export function mapOfPairs(value: unknown): Map<string, unknown> {
  const map = new Map<string, unknown>();
  if (!Array.isArray(value)) return map;
  for (const pair of value as readonly unknown[]) {
    if (Array.isArray(pair) && pair.length === 2 && typeof pair[0] === 'string')
      map.set(pair[0], withBoundedDepth(pair[1]));
  }
  return map;
}

/** `{start, end}` with 0 <= start <= end. */
export function rangeOf(value: unknown): TextRange | undefined {
  if (!isJsonRecord(value)) return undefined;
  const { start, end } = value;
  return isCount(start) && isCount(end) && start <= end ? { start, end } : undefined;
}

/** Reads image records of one trajectory and keeps the bytes that stand in them. */
export class ImageRecords {
  readonly inline = new Map<string, Uint8Array>();

  constructor(private readonly codecs: Codecs) {}

  /** The references of a list; what is not an image record reads blank, since an image stood there. */
  references(value: unknown): ImageReference[] {
    return Array.isArray(value) ? value.map((entry) => this.reference(entry)) : [];
  }

  private reference(value: unknown): ImageReference {
    if (!isJsonRecord(value)) return { kind: 'blank' };
    const size = sizeOf(value['size']);
    const rest = { ...(size && { size }), ...numberField('visualTokens', value['visualTokens']) };
    const { kind, path, mediaType } = value;
    if (kind === 'file' && typeof path === 'string') return { kind, path, ...rest };
    if (kind !== 'inline' || typeof mediaType !== 'string') return { kind: 'blank', ...rest };
    const hash = this.keep(value['data']) ?? value['hash'];
    return typeof hash === 'string' ? { kind, hash, mediaType, ...rest } : { kind: 'blank', ...rest };
  }

  /** The hash is worked out and never believed: a wrong one must not put other bytes under a known name. */
  private keep(data: unknown): string | undefined {
    const bytes = typeof data === 'string' ? decodeBase64(data) : undefined;
    if (bytes === undefined) return undefined;
    const hash = this.codecs.sha256(bytes);
    this.inline.set(hash, bytes);
    return hash;
  }
}

/** A reward; parts that are not what the format says are left out. */
export function rewardOf(value: Readonly<Record<string, unknown>>): Reward {
  const parts = Array.isArray(value['parts']) ? value['parts'].flatMap(rewardPartOf) : [];
  const candidates = asTexts(value['candidates']);
  const unknown = Array.isArray(value['unknown']) ? value['unknown'].flatMap(unknownPartOf) : [];
  return {
    ...numberField('total', value['total']),
    parts,
    ...textField('formula', value['formula']),
    ...(candidates && { candidates }),
    ...(unknown.length > 0 && { unknown }),
  };
}

function repliesOf(value: unknown): { replies?: readonly string[] } {
  const replies = asTexts(value);
  return replies ? { replies } : {};
}

function unknownPartOf(value: unknown): UnknownPart[] {
  if (!isJsonRecord(value)) return [];
  const { name, reason } = value;
  if (typeof name !== 'string' || typeof reason !== 'string') return [];
  return [{ name, reason, ...repliesOf(value['replies']) }];
}

function rewardPartOf(value: unknown): RewardPart[] {
  if (!isJsonRecord(value)) return [];
  const { name, value: amount } = value;
  const provenance = oneOf(PROVENANCES, value['provenance']);
  if (typeof name !== 'string' || typeof amount !== 'number' || provenance === undefined) return [];
  return [
    {
      name,
      value: amount,
      ...numberField('weight', value['weight']),
      provenance,
      ...textField('reason', value['reason']),
      ...repliesOf(value['replies']),
    },
  ];
}

/** Where a verdict comes from; `stored` when it is not said. */
export function provenanceOf(value: unknown): Provenance {
  return oneOf(PROVENANCES, value) ?? 'stored';
}

/** A turn's parts, all of them or none. */
export function partsOf(value: unknown): readonly ModelPart[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const parts = value.map(partOf);
  const good = parts.filter((part) => part !== undefined);
  return good.length === parts.length ? good : undefined;
}

function partOf(value: unknown): ModelPart | undefined {
  if (!isJsonRecord(value)) return undefined;
  const { text, closed, acted } = value;
  const range = rangeOf(value['range']);
  const kind = oneOf(['text', 'thought', 'toolCall', 'answer'] as const, value['kind']);
  if (range === undefined || kind === undefined || typeof text !== 'string' || typeof closed !== 'boolean') {
    return undefined;
  }
  const tokens = rangeOf(value['tokens']);
  const common = { range, text, closed, ...(tokens && { tokens }) };
  if (kind !== 'toolCall') return { kind, ...common };
  const call = callOf(value['call']);
  return call && typeof acted === 'boolean' ? { kind, ...common, call, acted } : undefined;
}

function callOf(value: unknown): ToolCall | undefined {
  if (!isJsonRecord(value) || typeof value['text'] !== 'string') return undefined;
  const { text, name, error, box, status } = value;
  if (status === 'unparsable') return typeof error === 'string' ? { status, text, error } : undefined;
  if (status !== 'parsed' || typeof name !== 'string') return undefined;
  const corners = isJsonRecord(box) ? boxFromArray([box['x1'], box['y1'], box['x2'], box['y2']]) : undefined;
  return {
    status,
    text,
    name,
    arguments: mapOfPairs(value['arguments']),
    ...(corners && { box: corners }),
    ...textField('label', value['label']),
    ...numberField('angle', value['angle']),
  };
}
