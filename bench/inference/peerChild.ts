import { AutoModelForCausalLM, DynamicCache, env, Tensor } from '@huggingface/transformers';
import path from 'node:path';
import {
  decoded,
  promptIds,
  serve,
  type Decoded,
  type DecodeRequest,
  type FillRequest,
  type OpenRequest,
} from './answers';

/* A process that holds the same model in transformers.js. */

type Request = OpenRequest | FillRequest | DecodeRequest;
type Model = Awaited<ReturnType<typeof AutoModelForCausalLM.from_pretrained>>;
type Kept = Record<string, Tensor>;

let model: Model;
let ids: number[] = [];
let kept: Kept = {};

const idTensor = (list: readonly number[]): Tensor =>
  new Tensor(
    'int64',
    BigInt64Array.from(list, (id) => BigInt(id)),
    [1, list.length],
  );

async function open({ folder, precision, threads }: OpenRequest): Promise<void> {
  env.allowRemoteModels = false;
  env.localModelPath = path.dirname(folder);
  model = await AutoModelForCausalLM.from_pretrained(path.basename(folder), {
    dtype: precision === 'full' ? 'fp32' : 'q4',
    device: 'cpu',
    local_files_only: true,
    ...(threads > 0 && { session_options: { intraOpNumThreads: threads } }),
  });
}

interface Streamer {
  put(ids: bigint[][]): void;
  end(): void;
}

/** Generates behind a cache, which is left as it was. The first token belongs to what is not in the cache. */
async function generate(
  all: readonly number[],
  cache: Kept,
  count: number,
  streamer?: Streamer,
): Promise<Kept> {
  const past = new DynamicCache(cache);
  await model.generate({
    inputs: idTensor(all),
    // Made up by the library itself it would count the tokens in the cache twice.
    attention_mask: idTensor(all.map(() => 1)),
    past_key_values: past,
    max_new_tokens: count,
    do_sample: false,
    ...(streamer && { streamer }),
  } as unknown as Parameters<Model['generate']>[0]);
  return Object.fromEntries(Object.entries(past)) as Kept;
}

/** In pieces, as a prefill of everything at once would take memory for all pairs of tokens. */
async function fill(tokens: number): Promise<void> {
  ids = promptIds(tokens);
  kept = {};
  // The last token is left for `decode`, which is to give the one behind it.
  for (let end = 256; end < tokens - 1; end += 256) kept = await generate(ids.slice(0, end), kept, 1);
  kept = await generate(ids.slice(0, -1), kept, 1);
}

async function decode(tokens: number): Promise<Decoded> {
  const times: number[] = [];
  const found: number[] = [];
  let prompt = true;
  await generate(ids, kept, tokens, {
    put(put) {
      if (!prompt) {
        times.push(performance.now());
        found.push(Number(put[0]?.[0]));
      }
      prompt = false;
    },
    end: () => undefined,
  });
  return decoded(found, times);
}

async function timed(action: () => Promise<unknown>): Promise<{ readonly took: number }> {
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
  }
});
