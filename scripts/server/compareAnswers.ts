import { openServer } from '../../src/launch/openServer';
import type { Backend, Message, MessagePart } from '../../src/inference/backend';
import { openLocalModel } from '../../src/inference/onnx/localModel';
import { picture } from './questions';

/** A conversation of which two models are to give the same continuation. */
export interface Conversation {
  readonly name: string;
  readonly messages: readonly Message[];
}

/** What came of a conversation on the server and here. */
export interface ComparedAnswer {
  readonly name: string;
  readonly tokens: number;
  readonly server: string;
  readonly local: string;
  readonly same: boolean;
}

const SYSTEM = { role: 'system', parts: [{ type: 'text', text: 'You look at pictures.' }] } as const;

const textPart = (text: string): MessagePart => ({ type: 'text', text });
const imagePart = (number: number): MessagePart => ({
  type: 'image',
  image: { pixels: picture(number).pixels },
});

/** A text, a picture as it is, one that has to be resized, and a crop that came back. */
export const CONVERSATIONS: readonly Conversation[] = [
  { name: 'text alone', messages: [SYSTEM, { role: 'user', parts: [textPart('What is red?')] }] },
  {
    name: 'a picture',
    messages: [SYSTEM, { role: 'user', parts: [imagePart(0), textPart('What is this?')] }],
  },
  {
    name: 'a resized picture',
    messages: [SYSTEM, { role: 'user', parts: [imagePart(3), textPart('What colour is the patch?')] }],
  },
  {
    name: 'a picture and a second one',
    messages: [
      SYSTEM,
      { role: 'user', parts: [imagePart(1), textPart('What is in the corner?')] },
      { role: 'assistant', parts: [textPart('Look closer.')] },
      { role: 'user', parts: [textPart('<tool_response>'), imagePart(2), textPart('</tool_response>')] },
    ],
  },
];

/** The most likely continuation of a conversation. */
export async function answerOf(model: Backend, { messages }: Conversation, tokens: number): Promise<string> {
  const sequence = await model.start();
  try {
    for (const message of messages) await sequence.appendMessage(message);
    let text = '';
    for await (const event of sequence.generate({ sampling: { temperature: 0 }, maxTokens: tokens })) {
      text += event.text;
    }
    return text;
  } finally {
    await sequence.close();
  }
}

/**
 * Whether a server's answer is the local one. Where that ends within a character, since it was cut at its length, the
 * server keeps its last token back.
 */
export function isSame(server: string, local: string): boolean {
  const keptBack = local.slice(server.length);
  return server !== '' && local.startsWith(server) && /^(.{0,8}\ufffd)?$/u.test(keptBack);
}

/** Asks a server and the same checkpoint here, on the CPU with the checkpoint's own numbers. */
export async function compareAnswers(
  server: { readonly address: string; readonly model: string },
  checkpoint: string,
  cacheFolder: string,
  tokens: number,
): Promise<ComparedAnswer[]> {
  const served = await openServer(server);
  const local = await openLocal(checkpoint, cacheFolder);
  try {
    const compared: ComparedAnswer[] = [];
    for (const conversation of CONVERSATIONS) {
      const [there, here] = [
        await answerOf(served, conversation, tokens),
        await answerOf(local, conversation, tokens),
      ];
      const same = isSame(there, here);
      compared.push({ name: conversation.name, tokens, server: there, local: here, same });
    }
    return compared;
  } finally {
    served.dispose();
    local.dispose();
  }
}

/** The checkpoint on this machine's CPU. */
export function openLocal(checkpoint: string, cacheFolder: string): Promise<Backend> {
  const limits = { maxCacheBytes: 1e9, sequenceMemoryBytes: 1e9, contextLength: 4096, threads: 1 };
  return openLocalModel(
    { folder: checkpoint, provider: 'cpu', precision: 'full', cacheFolder, ...limits },
    { onProgress: () => undefined, signal: new AbortController().signal },
  );
}
