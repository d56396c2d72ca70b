import type { GroupKey } from '../../trajectory/group';
import type { Reward } from '../../trajectory/reward';
import type { Outcome, Verdict } from '../../trajectory/trajectory';
import type { JsonRecord } from '../fields';
import { asRecord, field } from '../fields';

/*
 * What stands beside the messages of a chat record: no standard names it, so each value is looked for under the names
 * in use and taken only where it has the right type. What is not taken stays among the extras.
 */

/** The record's messages, and the names of the fields that they came from. */
export interface FoundMessages {
  readonly messages: readonly unknown[];
  readonly used: readonly string[];
}

const MESSAGE_FIELDS = ['messages', 'conversations', 'conversation'];
const COMPLETION_FIELDS = ['completion', 'response', 'output'];

/** Finds the list of messages of a record; undefined when it has none. */
export function messagesOf(value: unknown): FoundMessages | undefined {
  if (Array.isArray(value)) return { messages: value as readonly unknown[], used: [] };
  const record = asRecord(value);
  if (record === undefined) return undefined;
  for (const name of MESSAGE_FIELDS) {
    const messages = field(record, name);
    if (Array.isArray(messages)) return { messages: messages as readonly unknown[], used: [name] };
  }
  for (const promptName of ['prompt', 'input']) {
    const prompt = asMessages(field(record, promptName), 'user');
    if (prompt === undefined) continue;
    for (const name of COMPLETION_FIELDS) {
      const completion = asMessages(field(record, name), 'assistant');
      // Two plain texts are another format's; one side must be a list of messages.
      if (completion === undefined || (prompt.plain && completion.plain)) continue;
      return { messages: [...prompt.messages, ...completion.messages], used: [promptName, name] };
    }
    if (!prompt.plain) return { messages: prompt.messages, used: [promptName] };
  }
  return undefined;
}

function asMessages(
  value: unknown,
  role: string,
): { readonly messages: readonly unknown[]; readonly plain: boolean } | undefined {
  if (typeof value === 'string') return { messages: [{ role, content: value }], plain: true };
  if (Array.isArray(value)) return { messages: value as readonly unknown[], plain: false };
  return asRecord(value) ? { messages: [value], plain: false } : undefined;
}

/** Takes values out of a record and remembers the names of those that it took. */
export class RecordFields {
  readonly used: Set<string>;

  constructor(
    private readonly record: JsonRecord,
    used: readonly string[],
  ) {
    this.used = new Set(used);
  }

  /** The first of the named fields that `read` makes something of. */
  first<T>(names: readonly string[], read: (value: unknown) => T | undefined): T | undefined {
    for (const name of names) {
      const value = this.used.has(name) ? undefined : read(field(this.record, name));
      if (value === undefined) continue;
      this.used.add(name);
      return value;
    }
    return undefined;
  }
}

/** The record's own list of images: `images`, or `image` as a list or alone. */
export function imagesOf(fields: RecordFields): readonly unknown[] {
  const list = (value: unknown): readonly unknown[] | undefined =>
    Array.isArray(value) ? (value as readonly unknown[]) : undefined;
  const oneOrMore = (value: unknown): readonly unknown[] | undefined =>
    list(value) ?? (typeof value === 'string' || asRecord(value) ? [value] : undefined);
  return fields.first(['images'], list) ?? fields.first(['image', 'image_path'], oneOrMore) ?? [];
}

/** A truth value, or exactly 1 or 0. A score between them is a reward and no verdict. */
export function verdictOf(value: unknown): Verdict | undefined {
  if (typeof value === 'boolean') return { correct: value, provenance: 'stored' };
  return value === 1 || value === 0 ? { correct: value === 1, provenance: 'stored' } : undefined;
}

/** A number, or an object of numbers by part. */
export function rewardOf(value: unknown): Reward | undefined {
  if (typeof value === 'number') return { total: value, parts: [] };
  const record = asRecord(value);
  const entries = record ? Object.entries(record) : [];
  const numbers = entries.filter((entry): entry is [string, number] => typeof entry[1] === 'number');
  if (numbers.length === 0 || numbers.length < entries.length) return undefined;
  const parts = numbers.filter(([name]) => name !== 'total');
  const total = numbers.find(([name]) => name === 'total')?.[1];
  return {
    ...(total !== undefined && { total }),
    parts: parts.map(([name, part]) => ({ name, value: part, provenance: 'stored' as const })),
  };
}

/** A text, or the text of a number. */
export function nameOf(value: unknown): string | undefined {
  return typeof value === 'number' ? String(value) : typeof value === 'string' ? value : undefined;
}

/** A group key that the file has. */
export function groupOf(value: unknown): GroupKey | undefined {
  const key = nameOf(value);
  return key === undefined ? undefined : { key, provenance: 'uid' };
}

/** How the rollout ended, from `finish_reason`, `is_truncated` and `error`; finished where nothing says otherwise. */
export function outcomeOf(fields: RecordFields): Outcome {
  const error = fields.first(['error'], (value) =>
    typeof value === 'string' && value !== '' ? value : undefined,
  );
  if (error !== undefined) return { status: 'error', reason: error };
  const reason = fields.first(['finish_reason', 'stop_reason'], (value) =>
    typeof value === 'string' ? value : undefined,
  );
  const truncated = fields.first(['is_truncated'], (value) =>
    typeof value === 'boolean' ? value : undefined,
  );
  const isLength = truncated === true || reason === 'length' || reason === 'max_tokens';
  return { status: isLength ? 'length' : 'finished', ...(reason !== undefined && { reason }) };
}
