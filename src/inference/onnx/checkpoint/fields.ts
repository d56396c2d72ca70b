import { ImcotError } from '../../../common/errors';
import { previewJson } from '../../../common/json';
import type { JsonObject } from './folderFiles';
import { isJsonObject } from './folderFiles';

/** Limits of a number, both included. */
export interface NumberRange {
  readonly min: number;
  readonly max: number;
}

/**
 * Reads the fields of one JSON object by name and refuses what cannot be meant, naming file, field and value. Where
 * several names are given they are spellings of different releases: the first that is there counts. `null` is absent.
 */
export class Fields {
  constructor(
    private readonly object: JsonObject,
    private readonly file: string,
    private readonly path = '',
  ) {}

  /** The value under the first of the names that is there. What an object inherits is no field. */
  value(...names: readonly string[]): unknown {
    for (const name of names) {
      const held = Object.hasOwn(this.object, name) ? this.object[name] : undefined;
      if (held !== undefined && held !== null) return held;
    }
    return undefined;
  }

  /** A whole number in the range; absent: the fallback, or refused where there is none. */
  whole(names: string | readonly string[], range: NumberRange, fallback?: number): number {
    const value = this.number(names, range, fallback);
    if (!Number.isSafeInteger(value)) this.refuse(names, value, 'a whole number');
    return value;
  }

  /** A finite number in the range; absent: the fallback, or refused where there is none. */
  number(names: string | readonly string[], range: NumberRange, fallback?: number): number {
    const value = this.value(...listed(names)) ?? fallback;
    if (value === undefined) {
      throw new ImcotError('input', `${this.file} does not say ${this.name(names)}.`);
    }
    if (typeof value !== 'number' || !(value >= range.min && value <= range.max)) {
      this.refuse(names, value, `a number from ${range.min} to ${range.max}`);
    }
    return value;
  }

  /** Like `number`, and undefined where it is absent. */
  optionalNumber(name: string, range: NumberRange): number | undefined {
    return this.value(name) === undefined ? undefined : this.number(name, range);
  }

  /** True or false; absent: undefined. */
  flag(name: string): boolean | undefined {
    const value = this.value(name);
    if (value === undefined || typeof value === 'boolean') return value;
    return this.refuse(name, value, 'true or false');
  }

  /** A text; absent: undefined. */
  text(...names: readonly string[]): string | undefined {
    const value = this.value(...names);
    if (value === undefined || typeof value === 'string') return value;
    return this.refuse(names, value, 'a text');
  }

  /** A list of numbers in the range; absent: undefined. */
  numbers(name: string, range: NumberRange): readonly number[] | undefined {
    const value = this.value(name);
    if (value === undefined) return undefined;
    const fits = (entry: unknown): entry is number =>
      typeof entry === 'number' && entry >= range.min && entry <= range.max;
    if (Array.isArray(value) && value.every(fits)) return value;
    return this.refuse(name, value, `a list of numbers from ${range.min} to ${range.max}`);
  }

  /** The fields of an object inside; absent: undefined. */
  inner(...names: readonly string[]): Fields | undefined {
    const value = this.value(...names);
    if (value === undefined) return undefined;
    if (!isJsonObject(value)) return this.refuse(names, value, 'an object');
    return new Fields(value, this.file, `${this.path}${names[0] ?? ''}.`);
  }

  /** Throws `input`: the value under this name is not what is needed. */
  refuse(names: string | readonly string[], value: unknown, needed: string): never {
    throw new ImcotError(
      'input',
      `${this.file}: ${this.name(names)} is ${previewJson(value, 80)}; needed is ${needed}.`,
    );
  }

  /** Throws `input`: file, then the given reason. */
  reject(reason: string): never {
    throw new ImcotError('input', `${this.file}: ${reason}`);
  }

  private name(names: string | readonly string[]): string {
    return `${this.path}${listed(names)[0] ?? ''}`;
  }
}

function listed(names: string | readonly string[]): readonly string[] {
  return typeof names === 'string' ? [names] : names;
}
