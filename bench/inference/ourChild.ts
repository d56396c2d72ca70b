import type { Mark, ModelImage, Sequence } from '../../src/inference/backend';
import { openLocalModel, type LocalModel } from '../../src/inference/onnx/localModel';
import {
  decoded,
  promptIds,
  serve,
  type Decoded,
  type DecodeRequest,
  type FillRequest,
  type OpenRequest,
  type Took,
} from './answers';

/* A process that holds one of our models and does with it what it is told to. */

/** Appends a picture to what was filled, or to a copy of that made anew; goes back afterwards. */
export interface PictureRequest {
  readonly do: 'append' | 'again';
  /** Side of the square picture in pixels. */
  readonly side: number;
  /** Pictures of one name are looked at once. */
  readonly name: string;
}

/** Does what the name says with what was filled. */
export interface BranchRequest {
  readonly do: 'rewind' | 'fork';
}

type Request = OpenRequest | FillRequest | DecodeRequest | PictureRequest | BranchRequest;

let model: LocalModel;
let sequence: Sequence;
let filled: Mark;

async function open({ folder, precision, contextLength, cacheFolder, threads }: OpenRequest): Promise<void> {
  model = await openLocalModel(
    {
      folder,
      precision,
      contextLength,
      cacheFolder,
      provider: 'cpu',
      threads,
      maxCacheBytes: 4e9,
      sequenceMemoryBytes: 2e9,
    },
    { onProgress: () => undefined, signal: new AbortController().signal },
  );
}

async function fill(tokens: number): Promise<void> {
  await (sequence as Sequence | undefined)?.close();
  sequence = await model.start();
  await sequence.appendTokens(promptIds(tokens));
  filled = sequence.mark();
}

async function decode(tokens: number): Promise<Decoded> {
  const ids: number[] = [];
  const times: number[] = [];
  for await (const event of sequence.generate({ sampling: { temperature: 0 }, maxTokens: tokens })) {
    if (event.type !== 'token' || event.id === undefined) continue;
    times.push(performance.now());
    ids.push(event.id);
  }
  await sequence.rewind(filled);
  return decoded(ids, times);
}

/** A picture of noise: what it shows does not change what it costs. */
function picture({ side, name }: PictureRequest): ModelImage {
  const data = new Uint8Array(side * side * 3);
  for (let at = 0; at < data.length; at++) data[at] = (Math.imul(at, 2654435761) >>> 24) & 255;
  return {
    pixels: { width: side, height: side, data },
    key: name,
    minPixels: side * side,
    maxPixels: side * side,
  };
}

async function append(request: PictureRequest): Promise<Took & { readonly tokens: number }> {
  const image = picture(request);
  const began = performance.now();
  let target = sequence;
  if (request.do === 'again') {
    target = await model.start();
    await target.appendTokens(promptIds(filled.length));
  }
  const { tokens } = await target.appendImage(image);
  const took = performance.now() - began;
  if (target === sequence) await sequence.rewind(filled);
  else await target.close();
  return { took, tokens };
}

async function branch(kind: BranchRequest['do']): Promise<void> {
  if (kind === 'rewind') return sequence.rewind(filled);
  await (await sequence.fork()).close();
}

async function timed(action: () => Promise<unknown>): Promise<Took> {
  const began = performance.now();
  await action();
  return { took: performance.now() - began };
}

serve<Request>((request) => {
  switch (request.do) {
    case 'open':
      return timed(() => open(request));
    case 'fill':
      return timed(() => fill(request.tokens));
    case 'decode':
      return decode(request.tokens);
    case 'append':
    case 'again':
      return append(request);
    case 'rewind':
    case 'fork':
      return timed(() => branch(request.do));
  }
});
