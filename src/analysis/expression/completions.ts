import { MAX_EXPRESSION } from './checkCharacters';
import { UNKNOWN } from './compileExpression';
import type { ExpressionToken } from './expressionTokens';
import { expressionTokens } from './expressionTokens';
import type { Field, FieldTable } from './field';
import { NO_NAME } from './field';

/** Something that could stand at the cursor. */
export interface Completion {
  readonly kind: 'field' | 'operator' | 'value';
  /** What is shown, and what replaces the text from `from` to the cursor. */
  readonly text: string;
  /** What it means, for fields. */
  readonly detail?: string;
}

/** What could stand at a cursor. */
export interface Completions {
  /** Offset from which on the text up to the cursor is replaced. */
  readonly from: number;
  readonly items: readonly Completion[];
}

const ORDER = ['>', '>=', '<', '<=', '==', '!='];
const OPERATORS: Readonly<Record<Field<unknown>['type'], readonly string[]>> = {
  number: ORDER,
  boolean: ['==', '!=', '&&', '||'],
  text: ['contains', 'matches', '==', '!='],
  names: ['==', '!=', 'contains', 'matches'],
};
const MAX_ITEMS = 50;

/**
 * What could be written at the cursor: names of fields, operators that fit the field before it, values that it can have.
 * @param valuesOf values that occur in the data, for fields whose table does not name them
 */
export function completions<Row>(
  text: string,
  cursor: number,
  fields: FieldTable<Row>,
  valuesOf: (field: string) => readonly string[] = () => [],
): Completions {
  const before = text.slice(0, Math.min(cursor, MAX_EXPRESSION));
  const tokens = expressionTokens(before);
  const last = tokens.at(-1);
  const isOpen =
    last !== undefined &&
    last.end === before.length &&
    (last.kind === 'word' || (last.kind === 'text' && !isClosed(last.text)));
  const written = isOpen ? last.text : '';
  const from = isOpen ? last.start : before.length;
  const settled = isOpen ? tokens.slice(0, -1) : tokens;
  const items = expected(settled, fields, valuesOf);
  return { from, items: matching(items, written) };
}

function isClosed(text: string): boolean {
  return text.length > 1 && text.endsWith(text[0] ?? '') && !/(?:^|[^\\])(?:\\\\)*\\.$/s.test(text);
}

function expected<Row>(
  settled: readonly ExpressionToken[],
  fields: FieldTable<Row>,
  valuesOf: (field: string) => readonly string[],
): Completion[] {
  const [last, one] = [settled.at(-1), settled.at(-2)];
  const named = (token: ExpressionToken | undefined): Field<Row> | undefined =>
    token?.kind === 'word' ? fields.find(({ name }) => name === token.text) : undefined;
  const isCompared = one?.kind === 'operator' && !['&&', '||', '!'].includes(one.text);
  if (!last || last.kind === 'open' || ['&&', '||', '!'].includes(last.text)) {
    const all = one?.text === 'known' ? [] : ['known('];
    return [...fields.map(asItem), ...all.map((text) => ({ kind: 'operator' as const, text }))];
  }
  if (last.kind === 'operator') {
    const field = named(one);
    return field ? valuesFor(field, last.text, valuesOf) : fields.map(asItem);
  }
  const field = named(last);
  const texts = field && !isCompared ? OPERATORS[field.type] : ['&&', '||'];
  return texts.map((text) => ({ kind: 'operator', text }));
}

function asItem<Row>({ name, meaning, unit }: Field<Row>): Completion {
  return { kind: 'field', text: name, detail: unit === undefined ? meaning : `${meaning} (${unit})` };
}

function valuesFor<Row>(
  field: Field<Row>,
  operator: string,
  valuesOf: (field: string) => readonly string[],
): Completion[] {
  const isEquality = operator === '==' || operator === '!=';
  const known =
    field.type === 'boolean'
      ? ['true', 'false']
      : field.type === 'number'
        ? []
        : [
            ...(field.values ?? valuesOf(field.name)),
            ...(field.type === 'names' && isEquality ? [NO_NAME] : []),
          ].map(quoted);
  return [...known, ...(isEquality ? [UNKNOWN] : [])].map((text) => ({ kind: 'value', text }));
}

function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}

/** Those that begin with what is written first, then those of which a word does; quotes and case aside. */
function matching(items: readonly Completion[], written: string): Completion[] {
  const wanted = written.replace(/^["']/, '').toLowerCase();
  const starts = (text: string): boolean => text.toLowerCase().startsWith(wanted);
  const begins = items.filter(({ text }) => starts(text.replace(/^["']/, '')));
  // The words of "lastIou" and of "visual search".
  const holds = items.filter(
    (item) => !begins.includes(item) && item.text.split(/(?=[A-Z])|[\s"']+/).some(starts),
  );
  return [...begins, ...holds].slice(0, MAX_ITEMS);
}
