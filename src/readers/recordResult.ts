import type { RecordOrigin } from '../trajectory/trajectory';
import type { JsonRecord } from './fields';
import { asRecord, field, kindOf } from './fields';
import type { RecordContext, RecordResult } from './reader';

/** A record that could not be read. `reason` is a sentence: what was expected and what was found. */
export function badRecord(context: RecordContext, reason: string): RecordResult {
  const { file, index, bytes } = context;
  return { status: 'bad', reason, file, index, bytes };
}

/** Where a record stands, for its trajectory. */
export function originOf(context: RecordContext): RecordOrigin {
  return { file: context.file, index: context.index, bytes: context.bytes };
}

/** The record of a line, or the sentence that says why there is none. */
export function lineRecord(
  values: readonly unknown[],
  needed: Readonly<Record<string, 'a text' | 'a list'>>,
): { readonly record: JsonRecord } | { readonly reason: string } {
  const record = asRecord(values[0]);
  if (!record) return { reason: `A record is an object, but this line holds ${kindOf(values[0])}.` };
  for (const [name, kind] of Object.entries(needed)) {
    const found = kindOf(field(record, name));
    if (found !== kind) return { reason: `The field "${name}" should be ${kind}, but is ${found}.` };
  }
  return { record };
}
