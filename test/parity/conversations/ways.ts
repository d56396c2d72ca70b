import type { Message, Sequence } from '../../../src/inference/backend';
import { LocalSequence } from '../../../src/inference/onnx/model/localSequence';
import type { ModelCore } from '../../../src/inference/onnx/model/modelCore';
import { SequenceState } from '../../../src/inference/onnx/model/sequenceState';
import { messagesBehind } from '../checks/template';
import type { OpenedModel } from '../openedModel';
import type { Content } from './content';
import { generateGreedily, type GreedyRun } from './greedy';

/** A conversation that stands in a sequence, however it came there. */
export interface Reached {
  readonly sequence: LocalSequence;
  /** The first token that is computed again when logits are asked for; those before it come from the running cache. */
  readonly from: number;
  readonly between?: GreedyRun['between'];
  /** What went wrong on the way, after everything was compared. */
  finish?(): string | undefined;
}

/** How a conversation can come to stand in a sequence. */
export type Way = (
  opened: OpenedModel,
  content: Content,
  messages: readonly Message[],
) => Promise<Reached | undefined>;

const TOKENS_OF_OTHERS = 5;

/** By name, in the order of the report. */
export const WAYS: Readonly<Record<string, Way>> = {
  'in one go': async (opened, content) => {
    const sequence = await opened.start();
    await content.append(sequence, 0, content.length);
    return { sequence, from: 0 };
  },
  'turn by turn': async (opened, content) => {
    const sequence = await opened.start();
    const borders = [0, ...content.turns(turnStart(opened.core)), content.length];
    for (const [index, border] of borders.slice(1).entries())
      await content.append(sequence, borders[index] ?? 0, border);
    return { sequence, from: borders.at(-2) ?? 0 };
  },
  'by messages': byMessages,
  'by rewind': async (opened, content) => {
    const { sequence, from } = await upToBranch(opened, content);
    const mark = sequence.mark();
    await disturb(sequence, content);
    await sequence.rewind(mark);
    await content.append(sequence, from, content.length);
    return { sequence, from };
  },
  'in a fork': async (opened, content) => {
    const { sequence, from } = await upToBranch(opened, content);
    const fork = asLocal(await sequence.fork());
    await disturb(sequence, content);
    await content.append(fork, from, content.length);
    await disturb(sequence, content);
    return { sequence: fork, from };
  },
  'beside a fork': async (opened, content) => {
    const { sequence, from } = await upToBranch(opened, content);
    const fork = await sequence.fork();
    await disturb(fork, content);
    await content.append(sequence, from, content.length);
    await disturb(fork, content);
    return { sequence, from };
  },
  'with evictions': withEvictions,
};

function turnStart(core: ModelCore): number | undefined {
  return core.tokenizer.idOf('<|im_start|>');
}

function asLocal(sequence: Sequence): LocalSequence {
  if (!(sequence instanceof LocalSequence)) throw new Error('a fork is another kind of sequence');
  return sequence;
}

async function upToBranch(
  opened: OpenedModel,
  content: Content,
): Promise<{ sequence: LocalSequence; from: number }> {
  const sequence = await opened.start();
  const from = content.branchPoint(turnStart(opened.core));
  await content.append(sequence, 0, from);
  return { sequence, from };
}

async function disturb(sequence: Sequence, content: Content): Promise<void> {
  await content.appendOther(sequence);
  await generateGreedily(sequence, { steps: TOKENS_OF_OTHERS });
}

/** As an agent does it: chat messages by the template; the assistant's turn is opened by generating. */
async function byMessages(
  opened: OpenedModel,
  content: Content,
  given: readonly Message[],
): Promise<Reached | undefined> {
  const { rendered, ids, images } = content.source;
  if (rendered === undefined) return undefined;
  const { core } = opened;
  const behind = messagesBehind(core.template, given, rendered);
  if (!behind) throw new Error('no messages render to its text');
  const state = new SequenceState(core);
  const sequence = core.register(new LocalSequence(core, (gone) => core.forget(gone), state));
  let next = 0;
  let from = 0;
  for (const { role, parts } of behind.messages) {
    from = sequence.length;
    const withImages = parts.map((part) => {
      const image = part.type === 'image' ? images[next++] : undefined;
      return image ? { type: 'image' as const, image } : part;
    });
    await sequence.appendMessage({ role, parts: withImages });
  }
  if (behind.addGenerationPrompt) {
    for await (const event of sequence.generate({ sampling: { temperature: 0 }, maxTokens: 0 })) void event;
  }
  const found = state.transcript.history.slice(0, sequence.length);
  const wrong = ids.findIndex((id, at) => id !== found[at]);
  if (wrong >= 0 || found.length !== ids.length) {
    throw new Error(`the messages became ${found.length} tokens, other ones from token ${wrong} on`);
  }
  return { sequence, from };
}

/** Counts how often its cache was taken away. */
class CountedState extends SequenceState {
  evictions = 0;

  override onEvicted(): void {
    this.evictions++;
    super.onEvicted();
  }
}

/** Two sequences and memory for one: each loses its cache whenever the other one computes. */
async function withEvictions(opened: OpenedModel, content: Content): Promise<Reached> {
  const core = opened.crowded();
  const begin = (state: SequenceState): LocalSequence =>
    core.register(new LocalSequence(core, (gone) => core.forget(gone), state));
  const state = new CountedState(core);
  const sequence = begin(state);
  const other = begin(new SequenceState(core));
  const from = content.branchPoint(turnStart(core));
  await content.append(sequence, 0, from);
  await content.appendOther(other);
  await content.append(sequence, from, content.length);
  const task = async (): Promise<void> => {
    await generateGreedily(other, { steps: 1 });
  };
  const finish = (): string | undefined => {
    const fault = state.evictions === 0 ? 'its cache was never taken away' : undefined;
    core.dispose();
    return fault;
  };
  return { sequence, from, between: { every: 40, task }, finish };
}
