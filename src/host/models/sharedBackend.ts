import { DisposableOwner } from '../../common/disposable';
import { ImcotError } from '../../common/errors';
import type { JoinedSignal } from '../../inference/openai/joinSignals';
import { joinSignals } from '../../inference/openai/joinSignals';
import type { Backend, GenerateOptions, GenerationEvent, Mark, Sequence } from '../../inference/backend';

/** What one user does with a shared model. */
export interface UseHooks {
  /** A generation began. */
  began(): void;
  token(): void;
  ended(): void;
  /** The user gave the model back. */
  released(): void;
}

/** One user's part of a model: disposing it stops and closes what that user began, and leaves the model to the others. */
export class SharedBackend extends DisposableOwner implements Backend {
  private readonly sequences = new Set<Sequence>();
  private readonly running = new Set<JoinedSignal>();

  constructor(
    private readonly model: Backend,
    private readonly hooks: UseHooks,
  ) {
    super();
  }

  get capabilities(): Backend['capabilities'] {
    return this.model.capabilities;
  }

  get defaults(): Backend['defaults'] {
    return this.model.defaults;
  }

  async start(): Promise<Sequence> {
    if (this.isDisposed) throw over();
    const sequence = await this.model.start();
    return this.follow(sequence);
  }

  override dispose(): void {
    if (this.isDisposed) return;
    super.dispose();
    for (const generation of this.running) generation.abort();
    for (const sequence of this.sequences) void sequence.close().catch(() => undefined);
    this.sequences.clear();
    this.hooks.released();
  }

  private follow(sequence: Sequence): Sequence {
    if (this.isDisposed) {
      void sequence.close().catch(() => undefined);
      throw over();
    }
    this.sequences.add(sequence);
    return new FollowedSequence(sequence, {
      generate: (options) => this.generate(sequence, options),
      born: (fork) => this.follow(fork),
      closed: () => this.sequences.delete(sequence),
    });
  }

  private async *generate(sequence: Sequence, options: GenerateOptions): AsyncGenerator<GenerationEvent> {
    if (this.isDisposed) throw over();
    const joined = joinSignals(options.signal);
    const { signal } = joined;
    this.running.add(joined);
    this.hooks.began();
    try {
      for await (const event of sequence.generate({ ...options, signal })) {
        if (event.type === 'token') this.hooks.token();
        yield event;
      }
    } finally {
      joined.release();
      this.running.delete(joined);
      this.hooks.ended();
    }
  }
}

interface Following {
  generate(options: GenerateOptions): AsyncIterable<GenerationEvent>;
  born(fork: Sequence): Sequence;
  closed(): void;
}

/** A sequence whose generations, forks and end are told of; all else is the sequence's own. */
class FollowedSequence implements Sequence {
  readonly appendMessage: Sequence['appendMessage'];
  readonly appendText: Sequence['appendText'];
  readonly appendTokens: Sequence['appendTokens'];
  readonly appendImage: Sequence['appendImage'];
  readonly score: Sequence['score'];

  constructor(
    private readonly own: Sequence,
    private readonly following: Following,
  ) {
    this.appendMessage = own.appendMessage.bind(own);
    this.appendText = own.appendText.bind(own);
    this.appendTokens = own.appendTokens.bind(own);
    this.appendImage = own.appendImage.bind(own);
    this.score = own.score.bind(own);
  }

  get length(): number {
    return this.own.length;
  }

  generate(options: GenerateOptions): AsyncIterable<GenerationEvent> {
    return this.following.generate(options);
  }

  mark(): Mark {
    return this.own.mark();
  }

  rewind(mark: Mark): Promise<void> {
    return this.own.rewind(mark);
  }

  async fork(): Promise<Sequence> {
    return this.following.born(await this.own.fork());
  }

  close(): Promise<void> {
    this.following.closed();
    return this.own.close();
  }
}

const over = (): ImcotError => new ImcotError('cancelled', 'This use of the model is over.');
