import { throwIfCancelled } from '../../common/cancel';
import type { Backend, Capabilities, SamplingParameters, Sequence } from '../backend';
import type { LoadHooks, LocalModelOptions, PrecisionChoice } from '../localModelOptions';
import { availableMemory } from './checkpoint/availableMemory';
import type { Checkpoint } from './checkpoint/checkpoint';
import { checkMemory, memoryNeeded } from './checkpoint/memory';
import { openCheckpoint } from './checkpoint/openCheckpoint';
import { rankProviders } from './model/chooseProvider';
import { type Engine, openEngine } from './model/engine';
import { EngineQueue } from './model/engineQueue';
import { LocalSequence } from './model/localSequence';
import { ModelCore } from './model/modelCore';
import { prepareWeights, type PreparedWeights } from './model/prepareWeights';
import { testProvider, type SelfTestResult } from './model/selfTest';
import { libraryPath } from './runtime/libraryPath';
import { PROVIDERS } from './runtime/providers';
import { Runtime } from './runtime/runtime';
import { ChatTemplate } from './text/chatTemplate';
import { Tokenizer } from './text/tokenizer';

/** A checkpoint folder as a backend of this process. */
export class LocalModel implements Backend {
  readonly defaults: Partial<SamplingParameters>;

  /** See `openLocalModel`. @param core what it computes with; disposed with it, as are the weights released */
  constructor(
    readonly core: ModelCore,
    private readonly precision: Precision,
    private readonly weights: Pick<PreparedWeights, 'release'>,
  ) {
    this.defaults = defaultsOf(core.checkpoint);
  }

  /** The device changes when a provider fails and another one takes over. */
  get capabilities(): Capabilities {
    const { checkpoint, engine, contextLength } = this.core;
    return {
      model: checkpoint.name,
      device: this.precision === 'full' ? engine.device : `${engine.device}, ${this.precision}`,
      contextLength,
      wireText: true,
      branches: true,
      scores: true,
      maxTopCount: 100,
    };
  }

  start(): Promise<LocalSequence> {
    const forget = (sequence: LocalSequence): void => this.core.forget(sequence);
    return Promise.resolve(this.core.register(new LocalSequence(this.core, forget)));
  }

  dispose(): void {
    this.core.dispose();
    void this.weights.release();
  }
}

/** What opening a model asks of the computer. */
export interface Machine {
  /** Bytes. */
  availableMemory(): Promise<number>;
  readonly testProvider: typeof testProvider;
}

const THIS_MACHINE: Machine = { availableMemory: () => availableMemory(), testProvider };

/**
 * Opens a Qwen2.5-VL checkpoint folder: reads and checks it, tests what can compute, quantises the weights where that
 * is asked for, and builds the graphs. Nothing of the folder is written to.
 * @param machine what this computer is found to have and to be able to do
 * @throws ImcotError with file and reason; `limit` when memory is short; `cancelled` by the signal
 */
export async function openLocalModel(
  options: LocalModelOptions,
  hooks: LoadHooks,
  machine: Machine = THIS_MACHINE,
): Promise<LocalModel> {
  const { signal, onProgress } = hooks;
  onProgress({ stage: 'reading', message: 'Reading the checkpoint' });
  const checkpoint = await openCheckpoint(options.folder);
  const [tokenizer, template] = await Promise.all([
    Tokenizer.open(checkpoint.folder),
    ChatTemplate.open(checkpoint.folder),
  ]);
  const precision = choosePrecision(checkpoint, options, await machine.availableMemory());
  throwIfCancelled(signal);
  onProgress({ stage: 'testing', message: 'Testing what can compute' });
  const runtime = Runtime.load(options.runtimeLibrary ?? libraryPath());
  const test: typeof testProvider = (...args) => {
    throwIfCancelled(signal);
    return machine.testProvider(...args);
  };
  const ranking = await rankProviders(runtime, options.provider, options.threads, test);
  throwIfCancelled(signal);
  for (const sentence of ranking.refused) onProgress({ stage: 'testing', message: sentence });
  const weights = await prepareWeights(checkpoint, precision, options, hooks);
  try {
    throwIfCancelled(signal);
    const open = async (tested: SelfTestResult): Promise<Engine> => {
      onProgress({ stage: 'opening', message: `Opening on ${PROVIDERS[tested.provider].label}` });
      return openEngine(runtime, tested, checkpoint, weights, options.threads);
    };
    const tell = (message: string): void => onProgress({ stage: 'opening', message });
    const engines = new EngineQueue([...ranking.usable], open, ranking.refused, tell);
    const contextLength = contextOf(checkpoint, options);
    const sequenceMemory = options.sequenceMemoryBytes;
    const engine = await engines.next();
    const core = new ModelCore({
      checkpoint,
      tokenizer,
      template,
      engine,
      others: engines,
      tell,
      contextLength,
      sequenceMemory,
    });
    const model = new LocalModel(core, precision, weights);
    try {
      throwIfCancelled(signal);
      await tryOneToken(await model.start(), checkpoint);
      return model;
    } catch (thrown) {
      core.dispose();
      throw thrown;
    }
  } catch (thrown) {
    await weights.release();
    throw thrown;
  }
}

type Precision = Exclude<PrecisionChoice, 'auto'>;

/** Above this, full precision is slow on any processor and rarely wanted. */
const SMALL_MODEL_PARAMETERS = 1e9;

/** `auto`: full for small models, else the finest that leaves half of the memory free. */
function choosePrecision(checkpoint: Checkpoint, options: LocalModelOptions, available: number): Precision {
  const contextLength = contextOf(checkpoint, options);
  let precision = options.precision;
  if (precision === 'auto') {
    const fits = (candidate: Precision): boolean =>
      memoryNeeded(checkpoint, { precision: candidate, contextLength, device: 'cpu' }).peakAtOpen <
      available / 2;
    if (checkpoint.parameters <= SMALL_MODEL_PARAMETERS && fits('full')) precision = 'full';
    else precision = fits('int8') ? 'int8' : 'int4';
  }
  checkMemory(checkpoint, { precision, contextLength, device: 'cpu' }, available);
  return precision;
}

function contextOf(checkpoint: Checkpoint, options: LocalModelOptions): number {
  return Math.min(options.contextLength, checkpoint.config.text.maxPositions);
}

/** A model that can't compute its first token is refused now, not in the middle of somebody's work. */
async function tryOneToken(sequence: Sequence, checkpoint: Checkpoint): Promise<void> {
  await sequence.appendTokens([checkpoint.config.specialTokens.visionStart]);
  for await (const event of sequence.generate({ sampling: { temperature: 0 }, maxTokens: 1 })) void event;
  await sequence.close();
}

/** A checkpoint that says `do_sample: false` is greedy whatever temperature it names. */
function defaultsOf(checkpoint: Checkpoint): Partial<SamplingParameters> {
  const { doSample, temperature, ...others } = checkpoint.config.generation;
  if (doSample === false) return { ...others, temperature: 0 };
  return temperature === undefined ? others : { ...others, temperature };
}
