import { throwIfCancelled } from '../../common/cancel';
import { ImcotError, errorMessage } from '../../common/errors';
import type { Backend, Capabilities, SamplingParameters, Sequence } from '../backend';
import type { LoadHooks, LocalModelOptions, PrecisionChoice } from '../localModelOptions';
import { availableMemory } from './checkpoint/availableMemory';
import type { Checkpoint } from './checkpoint/checkpoint';
import { checkMemory, memoryNeeded } from './checkpoint/memory';
import { openCheckpoint } from './checkpoint/openCheckpoint';
import { openCacheCopier } from './model/cacheCopier';
import { rankProviders } from './model/chooseProvider';
import { fixedChunk, measuredChunk } from './model/chunkSize';
import { LocalSequence } from './model/localSequence';
import { ModelCore } from './model/modelCore';
import { openGraphs } from './model/openGraphs';
import { prepareWeights, type PreparedWeights } from './model/prepareWeights';
import type { SelfTestResult } from './model/selfTest';
import { libraryPath } from './runtime/libraryPath';
import { PROVIDERS } from './runtime/providers';
import { Runtime } from './runtime/runtime';
import { ChatTemplate } from './text/chatTemplate';
import { Tokenizer } from './text/tokenizer';

/** A checkpoint folder as a backend of this process. */
export class LocalModel implements Backend {
  private constructor(
    readonly core: ModelCore,
    readonly capabilities: Capabilities,
    readonly defaults: Partial<SamplingParameters>,
    private readonly weights: PreparedWeights,
  ) {}

  /** For `openLocalModel` alone. */
  static of(
    core: ModelCore,
    capabilities: Capabilities,
    defaults: Partial<SamplingParameters>,
    weights: PreparedWeights,
  ): LocalModel {
    return new LocalModel(core, capabilities, defaults, weights);
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

/**
 * Opens a Qwen2.5-VL checkpoint folder: reads and checks it, tests what can compute, quantises the weights where that
 * is asked for, and builds the graphs. Nothing of the folder is written to.
 * @throws ImcotError with file and reason; `limit` when memory is short; `cancelled` by the signal
 */
export async function openLocalModel(options: LocalModelOptions, hooks: LoadHooks): Promise<LocalModel> {
  const { signal, onProgress } = hooks;
  onProgress({ stage: 'reading', message: 'Reading the checkpoint' });
  const checkpoint = await openCheckpoint(options.folder);
  const [tokenizer, template] = await Promise.all([
    Tokenizer.open(checkpoint.folder),
    ChatTemplate.open(checkpoint.folder),
  ]);
  throwIfCancelled(signal);
  onProgress({ stage: 'testing', message: 'Testing what can compute' });
  const runtime = Runtime.load(options.runtimeLibrary ?? libraryPath());
  const ranking = await rankProviders(runtime, options.provider, options.threads);
  for (const sentence of ranking.refused) onProgress({ stage: 'testing', message: sentence });
  const precision = await choosePrecision(checkpoint, options);
  const failures: string[] = [...ranking.refused];
  for (const tested of ranking.usable) {
    throwIfCancelled(signal);
    try {
      return await openWith(runtime, tested, { checkpoint, tokenizer, template, precision, options, hooks });
    } catch (thrown) {
      if (signal.aborted || isFinal(thrown)) throw thrown;
      const sentence = `${PROVIDERS[tested.provider].label} could not open the model: ${errorMessage(thrown)}`;
      failures.push(sentence);
      onProgress({ stage: 'opening', message: sentence });
    }
  }
  throw new ImcotError('internal', failures.join(' '));
}

/** Another provider would fail the same way. */
function isFinal(thrown: unknown): boolean {
  return thrown instanceof ImcotError && thrown.code !== 'internal';
}

type Precision = Exclude<PrecisionChoice, 'auto'>;

/** Above this, full precision is slow on any processor and rarely wanted. */
const SMALL_MODEL_PARAMETERS = 1e9;

/** `auto`: full for small models, else the finest that leaves half of the memory free. */
async function choosePrecision(checkpoint: Checkpoint, options: LocalModelOptions): Promise<Precision> {
  const contextLength = contextOf(checkpoint, options);
  const available = await availableMemory();
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

interface Opening {
  readonly checkpoint: Checkpoint;
  readonly tokenizer: Tokenizer;
  readonly template: ChatTemplate;
  readonly precision: Precision;
  readonly options: LocalModelOptions;
  readonly hooks: LoadHooks;
}

async function openWith(runtime: Runtime, tested: SelfTestResult, opening: Opening): Promise<LocalModel> {
  const { checkpoint, tokenizer, template, precision, options, hooks } = opening;
  const weights = await prepareWeights(checkpoint, precision, options, hooks);
  try {
    throwIfCancelled(hooks.signal);
    hooks.onProgress({ stage: 'opening', message: `Opening on ${PROVIDERS[tested.provider].label}` });
    const { decoder, vision } = await openGraphs(runtime, checkpoint, weights, {
      provider: tested.provider,
      visionProvider: tested.vision ? tested.provider : 'cpu',
      threads: options.threads,
    });
    const copier = await openCacheCopier(decoder.session, checkpoint.config.text);
    const most = Math.min(tested.largestChunk, 512);
    const contextLength = contextOf(checkpoint, options);
    const core = new ModelCore({
      checkpoint,
      tokenizer,
      template,
      decoder,
      vision,
      copier,
      chunk: decoder.session.stoppable ? fixedChunk(checkpoint.parameters, most) : measuredChunk(most),
      contextLength,
      sequenceMemory: options.sequenceMemoryBytes,
    });
    const model = LocalModel.of(
      core,
      capabilitiesOf(opening, tested, contextLength),
      defaultsOf(checkpoint),
      weights,
    );
    throwIfCancelled(hooks.signal);
    await tryOneToken(await model.start(), checkpoint);
    return model;
  } catch (thrown) {
    await weights.release();
    throw thrown;
  }
}

/** A model that can't compute its first token is refused now, not in the middle of somebody's work. */
async function tryOneToken(sequence: Sequence, checkpoint: Checkpoint): Promise<void> {
  await sequence.appendTokens([checkpoint.config.specialTokens.visionStart]);
  for await (const event of sequence.generate({ sampling: { temperature: 0 }, maxTokens: 1 })) void event;
  await sequence.close();
}

function capabilitiesOf(opening: Opening, tested: SelfTestResult, contextLength: number): Capabilities {
  const { label } = PROVIDERS[tested.provider];
  const threads =
    tested.provider === 'cpu' && opening.options.threads > 0 ? `, ${opening.options.threads} threads` : '';
  const precision = opening.precision === 'full' ? '' : `, ${opening.precision}`;
  return {
    model: opening.checkpoint.name,
    device: `${label}${threads}${precision}${tested.vision ? '' : ', pictures on the CPU'}`,
    contextLength,
    wireText: true,
    branches: true,
    scores: true,
    maxTopCount: 100,
  };
}

/** A checkpoint that says `do_sample: false` is greedy whatever temperature it names. */
function defaultsOf(checkpoint: Checkpoint): Partial<SamplingParameters> {
  const { doSample, temperature, ...others } = checkpoint.config.generation;
  if (doSample === false) return { ...others, temperature: 0 };
  return temperature === undefined ? others : { ...others, temperature };
}
