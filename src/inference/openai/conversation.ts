import type OpenAI from 'openai';

type MessageParam = OpenAI.Chat.Completions.ChatCompletionMessageParam;

/** A conversation at one moment; it never changes, so marks and forks are the object itself. */
export interface Conversation {
  readonly messages: readonly MessageParam[];
  /** What the assistant has said in a turn that was cut short: stop string, length, cancel; '' when none is. */
  readonly openTurn: string;
  /**
   * `open`: a message stands last, or nothing; `cut`: the assistant's turn was cut short; `closed`: the model has
   * ended it.
   */
  readonly state: 'open' | 'cut' | 'closed';
  /** Tokens, as the server counted last, and what it generated since. */
  readonly length: number;
}

/** Before anything was said. */
export const EMPTY_CONVERSATION: Conversation = { messages: [], openTurn: '', state: 'open', length: 0 };

/** All messages as they are sent, the turn that was cut short included. */
export function wireMessages(conversation: Conversation): MessageParam[] {
  const { messages, openTurn } = conversation;
  return openTurn === '' ? [...messages] : [...messages, { role: 'assistant', content: openTurn }];
}

/** With one message more, which closes the assistant's turn. */
export function withMessage(conversation: Conversation, message: MessageParam): Conversation {
  return {
    messages: [...wireMessages(conversation), message],
    openTurn: '',
    state: 'open',
    length: conversation.length,
  };
}

/** After the model went on. @param length see `Conversation.length` */
export function withGenerated(
  conversation: Conversation,
  text: string,
  closed: boolean,
  length: number,
): Conversation {
  const whole = conversation.openTurn + text;
  if (!closed) return { ...conversation, openTurn: whole, state: whole === '' ? 'open' : 'cut', length };
  const messages: readonly MessageParam[] = [...conversation.messages, { role: 'assistant', content: whole }];
  return { messages, openTurn: '', state: 'closed', length };
}
