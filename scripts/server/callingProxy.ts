import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { errorMessage } from '../../src/common/errors';
import { callChunks, scriptedCall, type ScriptedCall, type StreamChunk } from './scriptedCall';
import { seenPictures, seenText } from './seenPictures';

/** What a proxy has seen so far. */
export interface ProxyCounts {
  /** Requests for an answer, those of them that begin a rollout, and those whose answer was sent whole. */
  asked: number;
  begun: number;
  answered: number;
  /** Requests that are open, and the most there were at a time. */
  open: number;
  mostOpen: number;
  /** Pictures in all requests, and how many different ones. */
  pictures: number;
  readonly differentPictures: Set<string>;
  /** Names of request headers. */
  readonly headers: Set<string>;
  /** Requests without the right key. */
  withoutKey: number;
  /** Calls that were sent, by serial; the value tells whether the whole answer was. */
  readonly calls: Map<number, boolean>;
  /** What should not be. */
  readonly faults: string[];
}

/** A server between the command and the model's server. */
export interface CallingProxy {
  readonly address: string;
  readonly counts: ProxyCounts;
  close(): Promise<void>;
}

const CALL_EVERY = 4;
const DATA = 'data: ';

/**
 * Passes everything on to a server and puts a call into every fourth answer of it, since a model of random weights never
 * calls: in front of what the model says, whose end then counts as its own end.
 * @param key what each request must bring
 */
export async function startCallingProxy(upstream: string, key: string): Promise<CallingProxy> {
  const counts: ProxyCounts = {
    asked: 0,
    begun: 0,
    answered: 0,
    open: 0,
    mostOpen: 0,
    pictures: 0,
    differentPictures: new Set(),
    headers: new Set(),
    withoutKey: 0,
    calls: new Map(),
    faults: [],
  };
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    relay(upstream, key, counts, request, response).catch((thrown: unknown) => {
      // A client that was killed leaves in the middle.
      if (!response.destroyed && !request.destroyed) counts.faults.push(errorMessage(thrown));
      response.destroy();
    });
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return { address: `http://127.0.0.1:${port}`, counts, close };
}

async function relay(
  upstream: string,
  key: string,
  counts: ProxyCounts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  for (const name of Object.keys(request.headers)) counts.headers.add(name);
  if (request.headers.authorization !== `Bearer ${key}`) counts.withoutKey++;
  const left = new AbortController();
  response.on('close', () => left.abort());
  const body = await textOf(request);
  const isChat = request.url === '/v1/chat/completions';
  const call = isChat ? noteRequest(body, counts) : undefined;
  if (isChat) counts.mostOpen = Math.max(counts.mostOpen, ++counts.open);
  try {
    // The key is for this server: the one behind it asks for none.
    const answer = await fetch(`${upstream}${request.url ?? ''}`, {
      method: request.method ?? 'GET',
      signal: left.signal,
      ...(body !== '' && { body, headers: { 'content-type': 'application/json' } }),
    });
    const type = answer.headers.get('content-type') ?? 'application/octet-stream';
    response.writeHead(answer.status, { 'content-type': type });
    if (isChat && answer.status !== 200)
      counts.faults.push(`The server answered with status ${answer.status}.`);
    for await (const piece of withCall(answer, call)) response.write(piece);
    await new Promise<void>((resolve) => response.end(resolve));
    if (isChat) counts.answered++;
    if (call) counts.calls.set(call.serial, true);
  } finally {
    if (isChat) counts.open--;
  }
}

/** Looks at a request for an answer; gives the call to be put in, if it is its turn. */
function noteRequest(body: string, counts: ProxyCounts): ScriptedCall | undefined {
  const { messages } = JSON.parse(body) as { messages?: unknown };
  const pictures = seenPictures(messages);
  const [first] = pictures;
  if (!first) throw new Error('A request without a picture came.');
  if (!seenText(messages).includes('Question ')) counts.faults.push('A request without its question came.');
  counts.pictures += pictures.length;
  for (const { sha256 } of pictures) counts.differentPictures.add(sha256);
  counts.asked++;
  if (pictures.length === 1) counts.begun++;
  // First answers and later ones are counted apart: together, the same few rollouts would get all calls.
  const turn = pictures.length === 1 ? counts.begun : counts.asked - counts.begun;
  if (turn % CALL_EVERY !== 0) return undefined;
  const call = scriptedCall(counts.calls.size + 1, first);
  counts.calls.set(call.serial, false);
  return call;
}

async function* withCall(answer: Response, call: ScriptedCall | undefined): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  if (answer.body === null) return;
  if (!call || answer.status !== 200) {
    for await (const piece of answer.body) yield decoder.decode(piece as Uint8Array, { stream: true });
    return;
  }
  let rest = '';
  let said = false;
  for await (const piece of answer.body) {
    rest += decoder.decode(piece as Uint8Array, { stream: true });
    for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
      const event = rest.slice(0, end);
      rest = rest.slice(end + 2);
      if (!event.startsWith(`${DATA}{`)) {
        yield `${event}\n\n`;
        continue;
      }
      const chunk = JSON.parse(event.slice(DATA.length)) as StreamChunk;
      const speaks = chunk.choices?.[0]?.delta?.['role'] === undefined;
      if (speaks && !said) {
        said = true;
        yield callChunks(call, chunk).map(eventText).join('');
      }
      yield eventText(withOwnEnd(chunk, call));
    }
  }
}

/** An answer that was cut at its length is not looked at for calls; this one is to end as if the model had ended it. */
function withOwnEnd(chunk: StreamChunk, call: ScriptedCall): StreamChunk {
  const [choice] = chunk.choices ?? [];
  if (typeof choice?.finish_reason !== 'string') return chunk;
  const finish_reason = call.form === 'field' ? 'tool_calls' : 'stop';
  return { ...chunk, choices: [{ ...choice, finish_reason }] };
}

const eventText = (chunk: StreamChunk): string => `${DATA}${JSON.stringify(chunk)}\n\n`;

async function textOf(request: IncomingMessage): Promise<string> {
  request.setEncoding('utf8');
  let text = '';
  for await (const piece of request) text += piece as string;
  return text;
}
