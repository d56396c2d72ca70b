import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { TransformStream } from 'node:stream/web';
import { openServer } from '../../src/launch/openServer';
import { answerOf, CONVERSATIONS } from './compareAnswers';

/** An answer of a real server, as tests replay it. */
export interface RecordedAnswer {
  /** Which of `CONVERSATIONS` was asked. */
  readonly conversation: string;
  readonly tokens: number;
  /** The body of the request without its pictures, which the conversation has. */
  readonly request: Record<string, unknown>;
  /** The stream, piece by piece as it came. */
  readonly pieces: readonly string[];
}

const TOKENS = 24;

/** Asks a server and writes its answers; gives the files' names. */
export async function recordAnswers(
  server: { readonly address: string; readonly model: string },
  folder: string,
): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const files: string[] = [];
  for (const conversation of CONVERSATIONS) {
    const pieces: string[] = [];
    let request: Record<string, unknown> = {};
    const model = await openServer({
      ...server,
      fetch: async (input, init) => {
        const response = await fetch(input, init);
        if (!String(input).endsWith('/chat/completions')) return response;
        const { messages: _messages, ...rest } = JSON.parse(String(init?.body)) as Record<string, unknown>;
        request = rest;
        return recorded(response, pieces);
      },
    });
    await answerOf(model, conversation, TOKENS);
    model.dispose();
    const answer: RecordedAnswer = { conversation: conversation.name, tokens: TOKENS, request, pieces };
    const file = `transformers-${conversation.name.replaceAll(' ', '-')}.json`;
    await writeFile(path.join(folder, file), `${JSON.stringify(answer, undefined, 1)}\n`);
    files.push(file);
  }
  return files;
}

function recorded(response: Response, pieces: string[]): Response {
  if (response.body === null) return response;
  const decoder = new TextDecoder();
  const tap = new TransformStream<Uint8Array, Uint8Array>({
    transform: (piece, controller) => {
      pieces.push(decoder.decode(piece, { stream: true }));
      controller.enqueue(piece);
    },
  });
  return new Response(response.body.pipeThrough(tap), response);
}
