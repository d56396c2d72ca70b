// A model that computes nothing, for tests of the process around it: its text is the word "tok" with a number, each text
// counts as many tokens as it has characters, and its folder's name says how it misbehaves.
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ImcotError } from '../../../../../src/common/errors';
import type {
  AppendedImage,
  Backend,
  Capabilities,
  GenerateOptions,
  GenerationEvent,
  Mark,
  Message,
  ModelImage,
  Sequence,
} from '../../../../../src/inference/backend';
import type { OpenModel } from '../../../../../src/inference/onnx/process/modelServer';

/** Between two tokens, in milliseconds. */
export const TOKEN_MS = 5;

/** Holds the thread, as a run on a GPU does. */
function block(milliseconds: number): void {
  const end = Date.now() + milliseconds;
  while (Date.now() < end);
}

function fillTheHeap(): void {
  const kept: unknown[] = [];
  for (;;) kept.push(new Array(1000).fill({}).map((_, index) => ({ index })));
}

async function wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await delay(milliseconds, undefined, signal ? { signal } : {}).catch(() => undefined);
}

class FakeSequence implements Sequence {
  constructor(
    readonly tokens: string[],
    private readonly tokenMs: number,
  ) {}

  get length(): number {
    return this.tokens.length;
  }

  async appendMessage(
    message: Message,
    signal?: AbortSignal,
  ): Promise<{ tokens: number; images: AppendedImage[] }> {
    const before = this.length;
    const images: AppendedImage[] = [];
    for (const part of message.parts) {
      if (part.type === 'text') await this.appendText(part.text, signal);
      else images.push(await this.appendImage(part.image));
    }
    return { tokens: this.length - before, images };
  }

  async appendText(text: string, signal?: AbortSignal): Promise<number> {
    if (text === 'crash') process.kill(process.pid, 'SIGSEGV');
    if (text === 'exit') process.exit(7);
    if (text === 'throw') {
      setImmediate(() => fail('a bug in the runtime'));
      await wait(60_000, undefined);
    }
    if (text === 'heap') fillTheHeap();
    if (text === 'block') block(60_000);
    if (text.startsWith('block ')) block(Number(text.slice(6)));
    if (text === 'refuse') throw new ImcotError('usage', 'This text is not liked.');
    if (text === 'slow') {
      this.tokens.push('s');
      await wait(60_000, signal);
      if (signal?.aborted === true) throw new ImcotError('cancelled', 'The text was stopped.');
    }
    this.tokens.push(...text);
    return text.length;
  }

  appendTokens(ids: readonly number[]): Promise<void> {
    this.tokens.push(...ids.map(String));
    return Promise.resolve();
  }

  appendImage({ pixels }: ModelImage): Promise<AppendedImage> {
    // The sum of all bytes is the number of tokens, so that a byte lost on the way is seen.
    const tokens = pixels.data.reduce((sum, byte) => sum + byte, 0);
    this.tokens.push(...new Array<string>(tokens).fill('i'));
    return Promise.resolve({ tokens, seen: { width: pixels.width, height: pixels.height } });
  }

  async *generate(options: GenerateOptions): AsyncGenerator<GenerationEvent> {
    for (let step = 0; step < options.maxTokens; step++) {
      if (options.signal?.aborted === true) {
        yield { type: 'end', reason: 'cancelled', text: '' };
        return;
      }
      const text = `tok${step} `;
      this.tokens.push(text);
      yield { type: 'token', id: step, text, top: [] };
      if (this.tokenMs > 0) await wait(this.tokenMs, options.signal);
    }
    yield { type: 'end', reason: 'length', text: '' };
  }

  score(count: number): Promise<Float32Array> {
    return Promise.resolve(Float32Array.from({ length: count }, (_, index) => -index / 2));
  }

  mark(): Mark {
    return { length: this.length };
  }

  rewind(mark: Mark): Promise<void> {
    this.tokens.length = mark.length;
    return Promise.resolve();
  }

  fork(): Promise<Sequence> {
    return Promise.resolve(new FakeSequence([...this.tokens], this.tokenMs));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function fail(message: string): never {
  throw new Error(message);
}

class FakeBackend implements Backend {
  readonly defaults = { temperature: 0.5, repetitionPenalty: 1.05 };
  readonly capabilities: Capabilities;

  constructor(
    model: string,
    private readonly tokenMs: number,
  ) {
    this.capabilities = {
      model,
      device: 'no device',
      contextLength: 1000,
      wireText: true,
      branches: true,
      scores: true,
      maxTopCount: 0,
    };
  }

  start(): Promise<Sequence> {
    return Promise.resolve(new FakeSequence([], this.tokenMs));
  }

  dispose(): void {}
}

/** Opens the model that the folder's name asks for. */
export const openFakeModel: OpenModel = async ({ folder }, { onProgress, signal }) => {
  const name = path.basename(folder);
  if (name === 'missing') throw new ImcotError('missing', `There is no checkpoint in ${folder}.`);
  if (name === 'long-load' || name === 'deaf-load') {
    for (let step = 0; step < 1000; step++) {
      onProgress({ stage: 'reading', fraction: step / 1000, message: 'Reading' });
      await delay(10);
      if (signal.aborted && name === 'long-load') throw new ImcotError('cancelled', 'stopped');
    }
  }
  if (name === 'block-load') block(60_000);
  if (name === 'noisy') {
    for (let line = 0; line < 5000; line++) process.stderr.write(`\u001b[1;31mline ${line}\u001b[m\n`);
  }
  onProgress({ stage: 'testing', message: 'Testing' });
  return new FakeBackend(name, name === 'fast' ? 0 : TOKEN_MS);
};
