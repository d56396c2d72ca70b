import type { PartRecord, ToolCallRecord } from './eventLog';
import type { ToolCall } from './toolCall';
import type { ModelPart } from './turn';

/** A part as the event log holds it. */
export function partRecord(part: ModelPart): PartRecord {
  return part.kind === 'toolCall' ? { ...part, call: callRecord(part.call) } : part;
}

function callRecord(call: ToolCall): ToolCallRecord {
  return call.status === 'parsed' ? { ...call, arguments: [...call.arguments] } : call;
}
