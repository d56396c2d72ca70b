import type {
  Backend,
  GenerateOptions,
  GenerationEvent,
  Sequence,
} from '../../../../../src/inference/backend';
import { openServerModel } from '../../../../../src/inference/openai/serverModel';
import type { ServerModelOptions } from '../../../../../src/inference/openai/serverOptions';
import { type Answer, events, json, ReplayServer, stream } from './replayServer';
import { models, VLLM_TURN } from './recorded';

const open: { server: ReplayServer; model: Backend | undefined }[] = [];

/** A picture's bytes stand for its file. */
export const encodeImage: ServerModelOptions['encodeImage'] = (image) =>
  Promise.resolve({ mediaType: 'image/png', bytes: image.data.subarray(0, 3) });

/** A server of this kind, whose chats are answered so. */
export async function serve(
  chat: Answer = stream([events(VLLM_TURN)]),
  paths: Record<string, Answer> = { '/v1/models': json(models('vllm', { max_model_len: 4096 })) },
): Promise<ReplayServer> {
  const server = await ReplayServer.start({ '/v1/chat/completions': chat, ...paths });
  open.push({ server, model: undefined });
  return server;
}

/** Opens a model on a server; retries come at once. */
export async function connect(
  server: ReplayServer,
  options: Partial<ServerModelOptions> = {},
): Promise<Backend> {
  const model = await openServerModel({
    address: server.address,
    encodeImage,
    ...options,
    retries: { firstPause: 1, ...options.retries },
  });
  const entry = open.find((candidate) => candidate.server === server);
  if (entry) entry.model = model;
  return model;
}

/** Ends all servers and models of a test. */
export async function closeAll(): Promise<void> {
  for (const { server, model } of open.splice(0)) {
    model?.dispose();
    await server.close();
  }
}

/** A sequence with a question in it. */
export async function asked(model: Backend, text = 'Hi'): Promise<Sequence> {
  const sequence = await model.start();
  await sequence.appendMessage({ role: 'user', parts: [{ type: 'text', text }] });
  return sequence;
}

/** All events of a generation. */
export async function collect(
  sequence: Sequence,
  options: Partial<GenerateOptions> = {},
): Promise<{ events: GenerationEvent[]; text: string; end: GenerationEvent | undefined }> {
  const seen: GenerationEvent[] = [];
  for await (const event of sequence.generate({ sampling: { temperature: 0 }, maxTokens: 64, ...options })) {
    seen.push(event);
  }
  return { events: seen, text: seen.map((event) => event.text).join(''), end: seen.at(-1) };
}
