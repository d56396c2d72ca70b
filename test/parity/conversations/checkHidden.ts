import { buildDecoder, DECODER } from '../../../src/inference/onnx/graph/decoder';
import { Decoder } from '../../../src/inference/onnx/model/decoder';
import { headModule } from '../../../src/inference/onnx/model/engine';
import { KvCache } from '../../../src/inference/onnx/model/kvCache';
import { Transcript } from '../../../src/inference/onnx/model/transcript';
import { differenceTo } from '../compare';
import type { OpenedModel } from '../openedModel';
import type { Report, Tolerance } from '../report';
import { mergedGrids } from '../checks/positions';
import type { ConversationCase } from './cases';

/** hidden_states: what enters each layer and what leaves the final norm, by a graph of its own that gives them. */
export async function checkHiddenStates(
  opened: OpenedModel,
  sources: readonly ConversationCase[],
  tolerance: Tolerance,
  report: Report,
): Promise<void> {
  const wanted = sources.filter(({ hidden }) => hidden !== undefined);
  if (wanted.length === 0) return;
  const kind = report.kind('hidden states', tolerance);
  kind.expect(wanted.length);
  const decoder = await openProbed(opened);
  try {
    for (const source of wanted) {
      await kind.check(`"${source.name}"`, async () => {
        const { hidden } = source;
        if (!hidden) throw new Error('unreachable');
        const { layers, hiddenSize } = opened.core.config.text;
        const states = await statesOf(opened, decoder, source);
        // Of most cases the last token alone is kept.
        const kept = hidden.shape[1] === source.ids.length ? source.ids.length : 1;
        const tail = states.map((rows) => rows.subarray(rows.length - kept * hiddenSize));
        const joined = new Float32Array(tail.length * kept * hiddenSize);
        tail.forEach((rows, index) => joined.set(rows, index * kept * hiddenSize));
        return differenceTo(hidden, joined, [layers + 1, kept, hiddenSize]);
      });
    }
  } finally {
    decoder.dispose();
  }
}

async function openProbed(opened: OpenedModel): Promise<Decoder> {
  const { checkpoint, engine, config } = opened.core;
  const { weights, dataFolder } = (await opened.weights()).decoder;
  const graph = buildDecoder(config.text, weights, headModule(checkpoint), { probe: true });
  const { runtime, provider } = engine.decoder.session;
  return new Decoder(await runtime.open(graph, { provider, threads: 0, dataFolder }), config.text);
}

/** [tokens, hidden] for each layer's input and for the final norm's output. */
async function statesOf(
  opened: OpenedModel,
  decoder: Decoder,
  source: ConversationCase,
): Promise<Float32Array[]> {
  const { text } = opened.core.config;
  const transcript = transcriptOf(opened, source);
  const states = Array.from(
    { length: text.layers + 1 },
    () => new Float32Array(transcript.length * text.hiddenSize),
  );
  const cache = new KvCache(decoder.session, text, transcript.length);
  try {
    const chunk = opened.core.engine.chunk.size;
    for (let start = 0; start < transcript.length; start += chunk) {
      await runPart(
        opened,
        decoder,
        cache,
        transcript,
        states,
        start,
        Math.min(start + chunk, transcript.length),
      );
    }
    return states;
  } finally {
    cache.dispose();
  }
}

async function runPart(
  opened: OpenedModel,
  decoder: Decoder,
  cache: KvCache,
  transcript: Transcript,
  states: readonly Float32Array[],
  start: number,
  end: number,
): Promise<void> {
  const { hiddenSize, vocabularySize } = opened.core.config.text;
  const { runtime } = decoder.session;
  const tensors = states.map((rows) =>
    runtime.tensor(rows.subarray(start * hiddenSize, end * hiddenSize), [end - start, hiddenSize]),
  );
  try {
    tensors.forEach((tensor, index) => cache.binding.output(DECODER.hidden(index), tensor));
    const input = {
      embeddings: await opened.core.embeddings(transcript, start, end),
      positions: transcript.positionsOf(start, end),
      past: start,
      wanted: [end - start - 1],
    };
    await decoder.run(cache, input, new Float32Array(vocabularySize));
  } finally {
    for (const tensor of tensors) tensor.dispose();
  }
}

function transcriptOf(opened: OpenedModel, source: ConversationCase): Transcript {
  const { specialTokens, vision } = opened.core.config;
  const grids = mergedGrids(source.grids, vision.mergeSize);
  const transcript = Transcript.empty();
  let image = 0;
  for (let at = 0; at < source.ids.length;) {
    const id = source.ids[at] ?? 0;
    if (id !== specialTokens.image) {
      transcript.addTokens([id]);
      at++;
      continue;
    }
    const grid = grids[image];
    const pixels = source.images[image++];
    if (!grid || !pixels) throw new Error('more runs of image tokens than grids');
    const tokens = grid.rows * grid.columns;
    transcript.addImage(id, tokens, grid, pixels);
    at += tokens;
  }
  return transcript;
}
