import { ImcotError } from '../../../common/errors';
import type { Message } from '../../backend';

/** Renders chat messages as the checkpoint's template does. */
export interface MessageRenderer {
  render(messages: readonly Message[], options: { readonly addGenerationPrompt: boolean }): string;
}

/** What stands in a sequence, as far as chat goes. `end` is exclusive; both count tokens. */
type Entry =
  | { readonly kind: 'raw'; readonly start: number; readonly end: number }
  | { readonly kind: 'message'; readonly start: number; readonly end: number; readonly message: Message }
  | {
      readonly kind: 'generated';
      readonly start: number;
      readonly end: number;
      /** The token's text with which the model closed its turn; absent while it is open. */
      readonly closedBy?: string;
    };

/** Stands for the assistant's words, so that what the template puts around them can be told apart. */
const STAND_IN = '\u2402imcot-assistant-turn\u2403';

/**
 * Which text a chat message adds to a sequence. What the model generated is never written anew: only what the template
 * puts after it is, so the tokens that it really chose stay.
 */
export class Conversation {
  private constructor(
    private readonly template: MessageRenderer,
    private readonly entries: Entry[],
  ) {}

  static empty(template: MessageRenderer): Conversation {
    return new Conversation(template, []);
  }

  private get messages(): Message[] {
    return this.entries.flatMap((entry): Message[] => {
      if (entry.kind === 'message') return [entry.message];
      return entry.kind === 'generated'
        ? [{ role: 'assistant', parts: [{ type: 'text', text: STAND_IN }] }]
        : [];
    });
  }

  /**
   * The text that the message adds, images as the template spells them.
   * @throws ImcotError `usage` when the template rewrites what stands before it
   */
  textOf(message: Message): string {
    return this.added([...this.messages, message], false);
  }

  /** The text that opens the assistant's turn. */
  openingText(): string {
    return this.added(this.messages, true);
  }

  /** True when generation begins with `openingText`: the last thing was a message, not raw text. */
  get opensTurn(): boolean {
    return this.entries.at(-1)?.kind === 'message';
  }

  /** True when the model has ended its turn and nothing came since. */
  get turnIsClosed(): boolean {
    const last = this.entries.at(-1);
    return last?.kind === 'generated' && last.closedBy !== undefined;
  }

  private added(after: readonly Message[], addGenerationPrompt: boolean): string {
    const before = this.messages;
    const whole = this.template.render(after, { addGenerationPrompt });
    const last = this.entries.filter((entry) => entry.kind !== 'raw').at(-1);
    if (last?.kind === 'generated') {
      const cut = whole.lastIndexOf(STAND_IN);
      const standIns = this.entries.filter((entry) => entry.kind === 'generated').length;
      if (whole.split(STAND_IN).length - 1 !== standIns) throw rewrites();
      const rest = whole.slice(cut + STAND_IN.length);
      return last.closedBy !== undefined && rest.startsWith(last.closedBy)
        ? rest.slice(last.closedBy.length)
        : rest;
    }
    const start = before.length === 0 ? '' : this.template.render(before, { addGenerationPrompt: false });
    if (!whole.startsWith(start)) throw rewrites();
    return whole.slice(start.length);
  }

  addMessage(message: Message, start: number, end: number): void {
    this.entries.push({ kind: 'message', message, start, end });
  }

  addRaw(start: number, end: number): void {
    this.entries.push({ kind: 'raw', start, end });
  }

  /** The model's own words; joined to those just before them when its turn was left open. */
  addGenerated(start: number, end: number, closedBy?: string): void {
    const last = this.entries.at(-1);
    const joined = last?.kind === 'generated' && last.closedBy === undefined ? this.entries.pop() : undefined;
    this.entries.push({
      kind: 'generated',
      start: joined?.start ?? start,
      end,
      ...(closedBy !== undefined && { closedBy }),
    });
  }

  rewind(length: number): void {
    for (let last = this.entries.at(-1); last && last.end > length; last = this.entries.at(-1)) {
      this.entries.pop();
      if (last.start >= length) continue;
      // Part of it stays: of what the model said, an open turn; of a message, text like any other.
      this.entries.push({
        kind: last.kind === 'generated' ? 'generated' : 'raw',
        start: last.start,
        end: length,
      });
    }
  }

  copy(): Conversation {
    return new Conversation(this.template, [...this.entries]);
  }
}

function rewrites(): ImcotError {
  return new ImcotError(
    'usage',
    "The checkpoint's chat template rewrites earlier messages when one is added, so a conversation can't be continued with it.",
  );
}
