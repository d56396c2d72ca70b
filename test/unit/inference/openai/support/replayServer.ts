import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** A request that reached the server. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Record<string, unknown>;
  /** Set when the client closed the connection before the answer was over: `performance.now()`. */
  closedAt?: number;
}

/** Answers one request. */
export type Answer = (response: ServerResponse, request: SeenRequest) => void | Promise<void>;

/** A server on this machine that answers as it is told and remembers what it was asked. */
export class ReplayServer {
  readonly requests: SeenRequest[] = [];
  private readonly sockets = new Set<Socket>();
  /** Chat requests being answered now, and the most there were at a time. */
  running = 0;
  mostRunning = 0;

  private constructor(
    private readonly server: Server,
    readonly paths: Record<string, Answer>,
  ) {}

  /** @param paths answers by path */
  static async start(paths: Record<string, Answer>): Promise<ReplayServer> {
    const server = createServer();
    const replay = new ReplayServer(server, paths);
    server.on('connection', (socket: Socket) => {
      replay.sockets.add(socket);
      socket.on('close', () => replay.sockets.delete(socket));
    });
    server.on('request', (request, response) => {
      let text = '';
      request.setEncoding('utf8');
      request.on('data', (piece: string) => (text += piece));
      request.on('end', () => {
        const seen: SeenRequest = {
          method: request.method ?? '',
          path: request.url ?? '',
          headers: request.headers,
          body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
        };
        replay.requests.push(seen);
        void replay.answer(seen, response);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return replay;
  }

  private async answer(seen: SeenRequest, response: ServerResponse): Promise<void> {
    const isChat = seen.path.endsWith('/chat/completions');
    if (isChat) this.mostRunning = Math.max(this.mostRunning, ++this.running);
    response.on('close', () => {
      if (isChat) this.running--;
      if (!response.writableFinished) seen.closedAt = performance.now();
    });
    const answer = this.paths[seen.path];
    if (answer) await answer(response, seen);
    else response.writeHead(404).end('{"error": {"message": "not here"}}');
  }

  get address(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get chats(): readonly SeenRequest[] {
    return this.requests.filter((request) => request.path.endsWith('/chat/completions'));
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** JSON with status 200. */
export function json(value: unknown): Answer {
  return (response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  };
}

/** A refusal. */
export function refuse(status: number, body: string, headers: Record<string, string> = {}): Answer {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  };
}

/** A stream in pieces as they are given, each in a write of its own. */
export function stream(pieces: readonly (string | Uint8Array)[]): Answer {
  return async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    for (const piece of pieces) {
      response.write(piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
    response.end();
  };
}

/** Chunks as server-sent events, with the closing mark. */
export function events(chunks: readonly unknown[], done = true): string {
  const lines = chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`);
  return lines.join('') + (done ? 'data: [DONE]\n\n' : '');
}

/** Answers in turn; the last one for all that follow. */
export function inTurn(...answers: readonly Answer[]): Answer {
  let next = 0;
  return (response, request) => answers[Math.min(next++, answers.length - 1)]?.(response, request);
}
