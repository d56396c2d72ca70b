import { Environment, Interpreter, parse, tokenize } from '@huggingface/jinja';
import { ImcotError } from '../../../common/errors';
import { formatDate } from './formatDate';

type Program = ReturnType<typeof parse>;
type Value = ReturnType<Interpreter['evaluate']>;

// A chat template is a page of text that goes over the messages once or twice: these leave it a hundredfold.
const STEPS = 500_000;
const STEPS_PER_CHARACTER = 20;
// What many long texts cost in memory and time is paid for as steps.
const CHARACTERS_PER_STEP = 64;
const LIST_LENGTH = 10_000;
const STRING_LENGTH = 4_000_000;
const STRING_PER_CHARACTER = 8;

/** What a template may use up, by the size of what it is given. */
interface Allowance {
  steps: number;
  readonly listLength: number;
  readonly stringLength: number;
}

/**
 * Counts what a template does. Templates come with checkpoints from anywhere: a nest of loops or a text that doubles
 * itself must end in a sentence, not in a program that hangs.
 */
class LimitedInterpreter extends Interpreter {
  private readonly counted = new WeakSet();

  constructor(
    environment: Environment,
    private readonly allowance: Allowance,
  ) {
    super(environment);
  }

  override evaluate(...[node, environment]: Parameters<Interpreter['evaluate']>): Value {
    this.spend(1);
    const result = super.evaluate(node, environment);
    const value: unknown = result.value;
    if (typeof value === 'string') {
      if (value.length > this.allowance.stringLength) {
        throw tooMuch(`makes a text of ${value.length} characters`);
      }
      this.spend(value.length / CHARACTERS_PER_STEP);
    }
    if (Array.isArray(value) && !this.counted.has(value)) {
      this.counted.add(value);
      if (value.length > this.allowance.listLength) throw tooMuch(`makes a list of ${value.length} entries`);
      this.spend(value.length);
    }
    return result;
  }

  private spend(steps: number): void {
    this.allowance.steps -= steps;
    if (this.allowance.steps < 0) throw tooMuch('does not come to an end');
  }
}

/** The template asked for an error by `raise_exception`; the message is the template's own. */
export class TemplateRefusal extends Error {}

/**
 * A template of the Jinja dialect of chat templates, read once, rendered within limits. As transformers sets Jinja up:
 * the line end after a block and the blanks before it are dropped; `raise_exception`, `strftime_now`, `tojson` without
 * HTML escapes.
 */
export class LimitedTemplate {
  private readonly program: Program;

  /** Throws whatever the parser throws where the text is no template. */
  constructor(text: string) {
    this.program = parse(tokenize(text, { lstrip_blocks: true, trim_blocks: true }));
  }

  /**
   * @param variables plain JSON data
   * @throws ImcotError `limit` when it uses more than a chat template ever needs; `TemplateRefusal`; or whatever the
   *   interpreter throws
   */
  render(variables: Readonly<Record<string, unknown>>): string {
    const size = JSON.stringify(variables).length;
    const allowance: Allowance = {
      steps: STEPS + STEPS_PER_CHARACTER * size,
      listLength: LIST_LENGTH + size,
      stringLength: STRING_LENGTH + STRING_PER_CHARACTER * size,
    };
    const environment = new Environment();
    const globals = { ...constants(), range: limitedRange(allowance.listLength), ...variables };
    for (const [name, value] of Object.entries(globals)) environment.set(name, value);
    const result = new LimitedInterpreter(environment, allowance).run(this.program);
    return String(result.value);
  }
}

function constants(): Record<string, unknown> {
  return {
    true: true,
    false: false,
    none: null,
    True: true,
    False: false,
    None: null,
    strftime_now: (format: unknown) => formatDate(new Date(), String(format)),
    raise_exception: (message: unknown) => {
      throw new TemplateRefusal(String(message));
    },
  };
}

/** Python's `range`, its length checked before the list is made. */
function limitedRange(longest: number): (first: unknown, second?: unknown, third?: unknown) => number[] {
  return (first, second, third) => {
    const whole = (value: unknown): number => {
      if (Number.isSafeInteger(value)) return value as number;
      throw new Error('range() takes whole numbers');
    };
    const hasStop = second !== undefined && typeof second !== 'object';
    const [start, stop] = hasStop ? [whole(first), whole(second)] : [0, whole(first)];
    const step = third === undefined || typeof third === 'object' ? 1 : whole(third);
    if (step === 0) throw new Error('range() takes no step of 0');
    const length = Math.max(0, Math.ceil((stop - start) / step));
    if (length > longest) throw tooMuch(`makes a list of ${length} entries`);
    return Array.from({ length }, (_, index) => start + index * step);
  };
}

function tooMuch(what: string): ImcotError {
  return new ImcotError('limit', `it ${what}, which no chat template needs`);
}
