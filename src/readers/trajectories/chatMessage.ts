import type { ImageReference } from '../../trajectory/imageReference';
import type { JsonRecord } from '../fields';
import { kindOf } from '../fields';
import type { ChatImages } from './chatImages';
import { isJsonRecord } from './jsonFields';

/** Who speaks in a chat message, whatever the file calls them. */
export type ChatRole = 'system' | 'user' | 'assistant' | 'tool';

/** A call that stands beside the text, as chat APIs return it. */
export interface StructuredCall {
  readonly id?: string;
  readonly name: string;
  /** A JSON text (OpenAI) or the value itself (Anthropic, Hermes data sets). */
  readonly arguments: unknown;
}

/** One message in the one form that all spellings are brought to. */
export interface ChatMessage {
  readonly role: ChatRole;
  /** The texts of the message in order, placeholders included; parts are joined with nothing between them. */
  readonly text: string;
  readonly images: readonly ImageReference[];
  /** Reasoning that the API keeps apart from the text. */
  readonly thoughts: readonly string[];
  readonly calls: readonly StructuredCall[];
  /** Ids of the calls that this message answers. */
  readonly answers: readonly string[];
  /** Whether the message says that the tool failed. */
  readonly failed: boolean;
  /** Types of the parts that can't be shown (sound, video). */
  readonly unread: readonly string[];
}

/** What stands in a text where an image of the record's own list belongs. */
export const IMAGE_PLACEHOLDER = '<image>';

const ROLES: ReadonlyMap<unknown, ChatRole> = new Map<unknown, ChatRole>([
  ['system', 'system'],
  ['developer', 'system'],
  ['user', 'user'],
  ['human', 'user'],
  ['assistant', 'assistant'],
  ['gpt', 'assistant'],
  ['model', 'assistant'],
  ['bot', 'assistant'],
  ['function_call', 'assistant'],
  ['tool', 'tool'],
  ['function', 'tool'],
  ['observation', 'tool'],
  ['function_response', 'tool'],
  ['tool_response', 'tool'],
]);

const MAX_PART_DEPTH = 4;

/** The role of a message in the spellings of OpenAI, ShareGPT and the Responses API; undefined when it has none. */
export function roleOf(message: unknown): ChatRole | undefined {
  if (!isJsonRecord(message)) return undefined;
  if (message['type'] === 'function_call' || message['type'] === 'reasoning') return 'assistant';
  if (message['type'] === 'function_call_output') return 'tool';
  return ROLES.get(message['role'] ?? message['from']);
}

/**
 * Brings one message to the common form. Images are taken from `images` in reading order, so messages have to come
 * in the record's order.
 * @returns a sentence when it is no message
 */
export function readMessage(value: unknown, images: ChatImages): ChatMessage | string {
  if (!isJsonRecord(value)) return `is ${kindOf(value)}, not an object with a role and a content`;
  const role = roleOf(value);
  if (role === undefined)
    return `has no role that is known (found ${kindOf(value['role'] ?? value['from'])})`;
  const content = value['content'] ?? value['value'] ?? value['output'] ?? value['summary'];
  const wanted = content === undefined || content === null || typeof content === 'string';
  if (!wanted && !Array.isArray(content) && !isJsonRecord(content)) {
    return `has a content that is ${kindOf(content)}, not a text or a list of parts`;
  }
  const builder = new MessageBuilder(role, images);
  for (const key of ['reasoning_content', 'reasoning']) builder.thought(value[key]);
  if ((value['from'] ?? value['role']) === 'function_call') builder.callText(content);
  else builder.content(content, 0);
  builder.siblings(value);
  return builder.message();
}

class MessageBuilder {
  private text = '';
  private readonly found: ImageReference[] = [];
  private readonly thoughts: string[] = [];
  private readonly calls: StructuredCall[] = [];
  private readonly answers: string[] = [];
  private readonly unread: string[] = [];
  private failed = false;

  constructor(
    private readonly role: ChatRole,
    private readonly images: ChatImages,
  ) {}

  message(): ChatMessage {
    const { role, text, thoughts, calls, answers, failed, unread } = this;
    return { role, text, images: this.found, thoughts, calls, answers, failed, unread };
  }

  content(content: unknown, depth: number): void {
    if (typeof content === 'string') this.addText(content);
    else if (Array.isArray(content)) for (const part of content as readonly unknown[]) this.part(part, depth);
    else if (isJsonRecord(content)) this.part(content, depth);
  }

  thought(value: unknown): void {
    if (typeof value === 'string' && value !== '') this.thoughts.push(value);
  }

  /** ShareGPT's `function_call`: the call as a JSON text in the place of the content. */
  callText(value: unknown): void {
    const call = typeof value === 'string' ? parseCall(value) : value;
    if (isJsonRecord(call)) this.call(call);
    else if (typeof value === 'string') this.calls.push({ name: '', arguments: value });
  }

  /** What stands beside the content: tool calls, ids, images. */
  siblings(message: JsonRecord): void {
    const { tool_calls: calls, images } = message;
    if (Array.isArray(calls)) for (const call of calls as readonly unknown[]) this.call(call);
    if (isJsonRecord(message['function_call'])) this.call(message['function_call']);
    if (message['type'] === 'function_call') this.call(message);
    if (this.role === 'tool') this.answer(message['tool_call_id'] ?? message['call_id']);
    if (Array.isArray(images)) {
      for (const image of images as readonly unknown[]) this.found.push(this.images.reference(image));
    }
  }

  private addText(text: string): void {
    this.text += text;
    // What the model wrote stays text, byte for byte.
    if (this.role === 'assistant') return;
    const places = text.split(IMAGE_PLACEHOLDER).length - 1;
    for (let place = 0; place < places; place++) this.found.push(this.images.sibling());
  }

  private part(part: unknown, depth: number): void {
    if (typeof part === 'string') return this.addText(part);
    if (!isJsonRecord(part) || depth >= MAX_PART_DEPTH) return void this.unread.push(kindOf(part));
    const { type } = part;
    if (type === 'tool_use' || type === 'tool_call') return this.call(part);
    if (type === 'tool_result') return this.toolResult(part, depth);
    if (type === 'thinking' || type === 'reasoning') return this.thought(part['thinking'] ?? part['text']);
    if (type === 'summary_text' || type === 'reasoning_text') return this.thought(part['text']);
    const image = imageValue(part);
    if (image !== undefined) return this.image(image.value);
    if (typeof part['text'] === 'string') return this.addText(part['text']);
    this.unread.push(typeof type === 'string' ? type : 'part without a type');
  }

  private image(value: unknown): void {
    // Chat templates mark the place alone, and the image stands in the record's list.
    this.found.push(value === undefined ? this.images.sibling() : this.images.reference(value));
  }

  private toolResult(part: JsonRecord, depth: number): void {
    this.answer(part['tool_use_id']);
    if (part['is_error'] === true) this.failed = true;
    this.content(part['content'], depth + 1);
  }

  private answer(id: unknown): void {
    if (typeof id === 'string') this.answers.push(id);
  }

  private call(value: unknown): void {
    if (!isJsonRecord(value)) return void this.unread.push('tool call');
    const inner = isJsonRecord(value['function']) ? value['function'] : value;
    const id = value['call_id'] ?? value['tool_call_id'] ?? value['id'];
    const name = inner['name'] ?? value['function_name'];
    this.calls.push({
      ...(typeof id === 'string' ? { id } : {}),
      name: typeof name === 'string' ? name : '',
      arguments: inner['arguments'] ?? inner['input'] ?? inner['parameters'],
    });
  }
}

function parseCall(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The value that names a part's image; its `value` is undefined where the part only marks a place. */
function imageValue(part: JsonRecord): { readonly value: unknown } | undefined {
  switch (part['type']) {
    case 'image_url':
    case 'input_image':
      return { value: part['image_url'] ?? part['url'] ?? null };
    case 'image':
      return { value: part['image'] ?? part['source'] ?? (holdsImage(part) ? part : undefined) };
    case undefined:
      if (part['image'] !== undefined) return { value: part['image'] };
      return part['image_url'] === undefined ? undefined : { value: part['image_url'] };
    default:
      return undefined;
  }
}

function holdsImage(part: JsonRecord): boolean {
  return ['url', 'path', 'bytes', 'base64', 'data'].some((key) => typeof part[key] === 'string');
}
