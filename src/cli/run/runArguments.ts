import type { PrecisionChoice, ProviderChoice } from '../../inference/localModelOptions';
import type { RolloutChoices } from '../../launch/rolloutChoices';
import { protocolByName } from '../../rollout/protocols/protocolByName';
import { ALL_FORMULAS, rewardFormula } from '../../analysis/rewardFormula';
import type { VerbArguments, VerbSpec } from '../arguments';
import { decimalNumber, oneOfWords, usageError, wholeNumber } from '../arguments';
import type { Asked, LocalSettings, ModelSettings, RunSettings } from './runSettings';

/** The word for the model that ships; a folder of that name is `./demo`. */
export const DEMO = 'demo';

const PROVIDERS: readonly ProviderChoice[] = ['auto', 'cpu', 'webgpu', 'cuda', 'directml', 'coreml'];
const PRECISIONS: readonly PrecisionChoice[] = ['auto', 'full', 'int8', 'int4'];
const LOCAL_OPTIONS = ['provider', 'precision', 'threads', 'cache'];

/** Reads one run's words; what they name is looked at later. */
class RunArguments {
  constructor(
    private readonly spec: VerbSpec,
    private readonly args: VerbArguments,
  ) {}

  settings(): RunSettings {
    const { spec, args } = this;
    if (args.paths.length > 0) {
      throw this.wrong(
        'imcot run takes no path: a picture goes behind --image, a file of questions behind --questions.',
      );
    }
    const [formula, judge, concurrency, out] = [
      this.formula(),
      this.judge(),
      wholeNumber(spec, args, 'concurrency', 1),
      args.values.get('out'),
    ];
    return {
      asked: this.asked(),
      perQuestion: wholeNumber(spec, args, 'n', 1) ?? 1,
      model: this.model(),
      choices: this.choices(),
      retryErrors: args.flags.has('retry-errors'),
      json: args.flags.has('json'),
      ...(judge && { judge }),
      ...(formula !== undefined && { formula }),
      ...(concurrency !== undefined && { concurrency }),
      ...(out !== undefined && { out }),
    };
  }

  private asked(): Asked {
    const [image, question, place, answer] = ['image', 'question', 'questions', 'answer'].map((name) =>
      this.args.values.get(name),
    );
    if (place !== undefined) {
      for (const name of ['image', 'question', 'answer']) this.refuse(name, 'with --questions');
      return { kind: 'file', place };
    }
    if (image === undefined && question === undefined) {
      throw this.wrong('imcot run needs --image with --question, or --questions.');
    }
    if (image === undefined) throw this.wrong('imcot run needs --image, the picture of the question.');
    if (question === undefined)
      throw this.wrong('imcot run needs --question, what is asked about the picture.');
    return { kind: 'one', image, question, ...(answer !== undefined && { answer }) };
  }

  private model(): ModelSettings {
    const { values } = this.args;
    const model = values.get('model');
    const address = values.get('server');
    if (address !== undefined) {
      for (const name of LOCAL_OPTIONS) this.refuse(name, 'with --server: it is for models of this machine');
      return { kind: 'server', address, ...(model !== undefined && { model }) };
    }
    const local = this.local();
    return model === undefined || model === DEMO
      ? { kind: 'demo', local }
      : { kind: 'folder', folder: model, local };
  }

  private local(): LocalSettings {
    const { spec, args } = this;
    const cacheFolder = args.values.get('cache');
    return {
      provider: oneOfWords(spec, args, 'provider', PROVIDERS) ?? 'auto',
      precision: oneOfWords(spec, args, 'precision', PRECISIONS) ?? 'auto',
      threads: wholeNumber(spec, args, 'threads') ?? 0,
      ...(cacheFolder !== undefined && { cacheFolder }),
    };
  }

  private choices(): RolloutChoices {
    const { spec, args } = this;
    const temperature = decimalNumber(spec, args, 'temperature');
    const seed = wholeNumber(spec, args, 'seed');
    const maxTurns = wholeNumber(spec, args, 'max-turns', 1);
    const maxTokens = wholeNumber(spec, args, 'max-tokens', 1);
    const protocol = args.values.get('protocol');
    if (protocol !== undefined) protocolByName(protocol);
    const declare = args.values
      .get('declare')
      ?.split(',')
      .map((name) => name.trim());
    if (args.flags.has('no-tools')) {
      for (const name of ['declare', 'protocol']) this.refuse(name, 'with --no-tools');
    }
    return {
      ...(temperature !== undefined && { temperature }),
      ...(seed !== undefined && { seed }),
      ...(maxTurns !== undefined && { maxTurns }),
      ...(maxTokens !== undefined && { maxTokens }),
      ...(args.flags.has('no-tools') && { tools: false }),
      ...(protocol !== undefined && { protocol }),
      ...(declare && { declare }),
    };
  }

  private judge(): RunSettings['judge'] {
    const { values } = this.args;
    const address = values.get('judge');
    const model = values.get('judge-model');
    if (address !== undefined) return { address, ...(model !== undefined && { model }) };
    if (model === undefined) return undefined;
    throw this.wrong('--judge-model needs --judge, the address of the server that judges.');
  }

  private formula(): string | undefined {
    const name = this.args.values.get('formula');
    if (name === undefined || rewardFormula(name)) return name;
    const known = ALL_FORMULAS.map((formula) => formula.name).join(', ');
    throw this.wrong(`--formula is one of ${known}, but got "${name}".`);
  }

  private refuse(name: string, where: string): void {
    if (this.args.values.has(name)) throw this.wrong(`--${name} can't stand ${where}.`);
  }

  private wrong(message: string): Error {
    return usageError(this.spec, message);
  }
}

/**
 * What the words after `imcot run` say.
 * @throws ImcotError `usage`
 */
export function readRunArguments(spec: VerbSpec, args: VerbArguments): RunSettings {
  return new RunArguments(spec, args).settings();
}
