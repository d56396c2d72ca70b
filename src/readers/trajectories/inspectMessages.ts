import type { JsonRecord } from '../fields';
import { asRecord, asText, field } from '../fields';
import type { ChatImages } from './chatImages';
import { readMessage, type ChatMessage } from './chatMessage';

/*
 * Messages of Inspect's samples. Long texts and pictures stand once, in the sample's `attachments`, and are named where
 * they belong; with `log_images=False` a mark stands in their place. Source: Inspect's `log/_condense.py`, 0.3.
 */

const ATTACHMENT = 'attachment://';
const REMOVED = '<base64-data-removed>';
/** What a picture that was not kept reads as: an address of nothing. */
const NOTHING = 'data:,';
const MAX_DEPTH = 64;

/** A value with the attachments that it names in their places. */
export function withAttachments(value: unknown, attachments: JsonRecord, depth = 0): unknown {
  if (typeof value === 'string') {
    if (value === REMOVED) return NOTHING;
    if (!value.startsWith(ATTACHMENT)) return value;
    return asText(field(attachments, value.slice(ATTACHMENT.length))) ?? value;
  }
  if (typeof value !== 'object' || value === null || depth >= MAX_DEPTH) return value;
  if (Array.isArray(value)) return value.map((entry) => withAttachments(entry, attachments, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, withAttachments(entry, attachments, depth + 1)]),
  );
}

/**
 * One message of a sample.
 * @returns a sentence when it is none
 */
export function readInspectMessage(value: unknown, images: ChatImages): ChatMessage | string {
  const record = asRecord(value);
  const message = record && { ...record, tool_calls: callsOf(field(record, 'tool_calls')) };
  const read = readMessage(message ?? value, images);
  if (typeof read === 'string' || !record) return read;
  const error = asRecord(field(record, 'error'));
  if (!error) return read;
  const words = asText(field(error, 'message')) ?? '';
  return { ...read, failed: true, text: read.text === '' ? words : read.text };
}

/** Calls as chat APIs have them: Inspect names the function itself where they have an object. */
function callsOf(value: unknown): unknown {
  if (!Array.isArray(value)) return undefined;
  return value.map((entry: unknown) => {
    const call = asRecord(entry);
    const name = call && asText(field(call, 'function'));
    if (!call || name === undefined) return entry;
    return { id: field(call, 'id'), name, arguments: field(call, 'arguments') };
  });
}
