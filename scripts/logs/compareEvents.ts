import { isDeepStrictEqual } from 'node:util';
import type { Comparison, Fields } from './comparison';
import { fieldsOf, listOf } from './comparison';
import type { ExceptionName } from './exceptions';
import type { Ledger, Path } from './ledger';
import { wantedNumber } from './numbers';
import type { ToldFile, ToldRow } from './told';
import { claimTexts, claimValue, leftValues } from './told';

/** Event files. Events of the same step and time that follow each other may stand in one row of expected.json. */
export const eventsComparison: Comparison = {
  fits: (entry) => listOf(entry['rows']).some((row) => 'wall' in fieldsOf(row)),
  compare: (entry, told, ledger) => {
    const events = new EventComparison(told, ledger);
    listOf(entry['rows']).forEach((row, index) => events.row(fieldsOf(row), ['rows', index]));
    events.finish();
    if ('bytes' in entry) ledger.compare(['bytes'], told.size);
    // What TensorBoard's reader stopped with: null where it came to the end.
    if ('reader_stopped_with' in entry)
      ledger.check(
        ['reader_stopped_with'],
        (entry['reader_stopped_with'] === null) === (told.damages.length === 0 && told.tail === 0),
        told.damages[0]?.reason,
      );
    if ('note' in entry) ledger.except(['note'], 'noteOnly');
  },
};

const NOT_READ: Readonly<Record<string, ExceptionName>> = {
  histo: 'histogram',
  histograms: 'histogram',
  image: 'image',
  images: 'image',
  hparams: 'hparams',
  custom_scalars: 'layout',
};

/** Why a value is no scalar and no text; undefined where it is one. */
function notRead(value: Fields): ExceptionName | undefined {
  const plugin = value['plugin'];
  for (const name of [...Object.keys(value), ...(typeof plugin === 'string' ? [plugin] : [])]) {
    if (Object.hasOwn(NOT_READ, name)) return NOT_READ[name];
  }
  return undefined;
}

class EventComparison {
  private readonly events: readonly ToldRow[];
  private at = 0;
  private versions = 0;

  constructor(
    private readonly told: ToldFile,
    private readonly ledger: Ledger,
  ) {
    this.events = told.runs.flatMap((run) => run.rows);
  }

  row(row: Fields, path: Path): void {
    const { ledger } = this;
    if ('file_version' in row) {
      const told = this.told.runs
        .flatMap(({ settings }) => settings)
        .filter(([key]) => key === 'file_version');
      ledger.compare([...path, 'file_version'], told[this.versions++]?.[1]);
    }
    if ('session_log' in row) {
      const started = this.told.runs.some(({ breaks }) => breaks.some(({ step }) => step === row['step']));
      // Status 1 is the start of a session, from whose step on earlier values are void.
      ledger.check([...path, 'session_log'], row['session_log'] !== 1 || started, started);
    }
    if ('values' in row) this.values(row, path);
    else ledger.except(path, 'eventWithoutSummary');
  }

  finish(): void {
    const damage = this.told.damages[0]?.start ?? Infinity;
    for (const { row, what } of leftValues(this.events))
      this.ledger.extra(what, row.start >= damage ? 'behindDamage' : undefined);
  }

  private values(row: Fields, path: Path): void {
    const wanted = new Map(
      Object.entries(fieldsOf(row['values'])).map(([tag, value]) => [tag, fieldsOf(value)]),
    );
    for (const [tag, value] of wanted) {
      const reason = notRead(value);
      if (reason) {
        this.ledger.except([...path, 'values', tag], reason);
        wanted.delete(tag);
      }
    }
    const found = this.find(row);
    this.ledger.compare([...path, 'step'], found?.step);
    this.ledger.compare([...path, 'wall'], found?.wall);
    for (let event = found; event && isSame(event, row); event = this.next(event)) {
      for (const [tag, value] of wanted) {
        if (!event.values.has(tag) && !event.texts.has(tag)) continue;
        this.value(event, tag, value, [...path, 'values', tag]);
        wanted.delete(tag);
      }
      if (wanted.size === 0) break;
    }
    for (const tag of wanted.keys()) this.ledger.checkAll([...path, 'values', tag], false, undefined);
  }

  private value(event: ToldRow, tag: string, value: Fields, path: Path): void {
    for (const [key, wanted] of Object.entries(value)) {
      if (key === 'plugin') this.ledger.except([...path, key], 'plugin');
      else if (Array.isArray(wanted) || (typeof wanted === 'string' && wantedNumber(wanted) === undefined)) {
        const texts = claimTexts(event, tag);
        this.ledger.checkAll([...path, key], isDeepStrictEqual([wanted].flat(9), texts), texts);
      } else this.ledger.compare([...path, key], claimValue(event, tag), wantedNumber(wanted));
    }
  }

  /** The event that a row begins with: the present one, which may hold more, or a later one. */
  private find(row: Fields): ToldRow | undefined {
    const found = this.events.findIndex((event, index) => index >= this.at && isSame(event, row));
    if (found >= 0) this.at = found;
    return found < 0 ? undefined : this.events[found];
  }

  private next(event: ToldRow): ToldRow | undefined {
    const following = this.events[this.at + 1];
    if (!following || following.step !== event.step || following.wall !== event.wall) return undefined;
    this.at++;
    return following;
  }
}

const isSame = (event: ToldRow, row: Fields): boolean =>
  event.step === row['step'] && event.wall === row['wall'];
