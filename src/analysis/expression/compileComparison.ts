import { RE2JS } from 're2js';
import type { Field, NamesField, TextField } from './field';
import { ExpressionProblem, NO_NAME } from './field';
import { nearestName } from './nearestName';
import type { ComparisonOperator } from './node';

/** Whether a row is wanted. */
export type RowTest<Row> = (row: Row) => boolean;

/** One side of a comparison. */
export type Operand<Row> =
  | { readonly kind: 'field'; readonly field: Field<Row>; readonly column: number }
  | { readonly kind: 'value'; readonly value: string | number | boolean; readonly column: number }
  | { readonly kind: 'unknown'; readonly column: number };

type FieldOperand<Row> = Extract<Operand<Row>, { kind: 'field' }>;

const FLIPPED: Readonly<Record<ComparisonOperator, ComparisonOperator | undefined>> = {
  '==': '==',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
  contains: undefined,
  matches: undefined,
};

const KINDS = { number: 'a number', boolean: 'true or false', text: 'a text', names: 'a list of names' };

/**
 * A comparison as a closure. Against what is not recorded it is false, whichever way it asks.
 * @throws ExpressionProblem where the two sides can't be compared like that
 */
export function compileComparison<Row>(
  operator: ComparisonOperator,
  left: Operand<Row>,
  right: Operand<Row>,
): RowTest<Row> {
  if (left.kind === 'field') return withField(operator, left, right);
  const flipped = FLIPPED[operator];
  if (right.kind !== 'field') {
    throw new ExpressionProblem(left.column, 'One side of a comparison must be a field.');
  }
  if (!flipped) throw new ExpressionProblem(left.column, `A field stands before ${operator}.`);
  return withField(flipped, right, left);
}

function withField<Row>(
  operator: ComparisonOperator,
  left: FieldOperand<Row>,
  right: Operand<Row>,
): RowTest<Row> {
  if (right.kind === 'unknown') return compareToUnknown(operator, left, right.column);
  if (right.kind === 'field') return twoFields(operator, left, right);
  if (operator === 'contains' || operator === 'matches') {
    return searchText(operator, left, right.value, right.column);
  }
  const { field } = left;
  const { value, column } = right;
  if (field.type === 'number') {
    if (typeof value !== 'number') throw mismatch(field, column);
    return numberTest(operator, (row) => field.read(row), value);
  }
  if (operator !== '==' && operator !== '!=') throw noOrder(field, left.column);
  const isEqual = operator === '==';
  if (field.type === 'boolean') {
    if (typeof value !== 'boolean') throw mismatch(field, column);
    const wanted = value === isEqual;
    return (row) => field.read(row) === wanted;
  }
  if (typeof value !== 'string') throw mismatch(field, column);
  checkValue(field, value, column);
  return field.type === 'names' ? namesTest(field, value, isEqual) : textTest(field, value, isEqual);
}

function compareToUnknown<Row>(
  operator: ComparisonOperator,
  { field }: FieldOperand<Row>,
  column: number,
): RowTest<Row> {
  if (operator !== '==' && operator !== '!=') {
    throw new ExpressionProblem(column, 'A field can be == unknown or != unknown.');
  }
  return operator === '==' ? (row) => field.read(row) === undefined : (row) => field.read(row) !== undefined;
}

function numberTest<Row>(
  operator: ComparisonOperator,
  read: (row: Row) => number | undefined,
  value: number,
): RowTest<Row> {
  // Undefined becomes NaN, against which all but != are false by themselves.
  const of = (row: Row): number => read(row) ?? NaN;
  switch (operator) {
    case '==':
      return (row) => of(row) === value;
    case '!=':
      return (row) => {
        const number = read(row);
        return number !== undefined && number !== value;
      };
    case '<':
      return (row) => of(row) < value;
    case '<=':
      return (row) => of(row) <= value;
    case '>':
      return (row) => of(row) > value;
    default:
      return (row) => of(row) >= value;
  }
}

function textTest<Row>(field: TextField<Row>, value: string, isEqual: boolean): RowTest<Row> {
  return (row) => {
    const text = field.read(row);
    return text !== undefined && (text === value) === isEqual;
  };
}

function namesTest<Row>(field: NamesField<Row>, value: string, isEqual: boolean): RowTest<Row> {
  const has =
    value === NO_NAME
      ? (names: readonly string[]) => names.length === 0
      : (names: readonly string[]) => names.includes(value);
  return (row) => {
    const names = field.read(row);
    return names !== undefined && has(names) === isEqual;
  };
}

function twoFields<Row>(
  operator: ComparisonOperator,
  { field: a, column }: FieldOperand<Row>,
  right: FieldOperand<Row>,
): RowTest<Row> {
  const { field: b } = right;
  if (operator === 'contains' || operator === 'matches') {
    throw new ExpressionProblem(right.column, `A text in quotes stands behind ${operator}.`);
  }
  if (a.type !== b.type || a.type === 'names') {
    const sentence = `"${a.name}" is ${KINDS[a.type]} and "${b.name}" is ${KINDS[b.type]}: they can't be compared.`;
    throw new ExpressionProblem(right.column, sentence);
  }
  if (a.type === 'number' && b.type === 'number') {
    return (row) => {
      const [x, y] = [a.read(row), b.read(row)];
      return x !== undefined && y !== undefined && compareNumbers(operator, x, y);
    };
  }
  if (operator !== '==' && operator !== '!=') throw noOrder(a, column);
  const isEqual = operator === '==';
  return (row) => {
    const [x, y] = [a.read(row), b.read(row)];
    return x !== undefined && y !== undefined && (x === y) === isEqual;
  };
}

function compareNumbers(operator: ComparisonOperator, x: number, y: number): boolean {
  if (operator === '==') return x === y;
  if (operator === '!=') return x !== y;
  if (operator === '<') return x < y;
  if (operator === '<=') return x <= y;
  return operator === '>' ? x > y : x >= y;
}

function searchText<Row>(
  operator: 'contains' | 'matches',
  { field, column: start }: FieldOperand<Row>,
  value: string | number | boolean,
  column: number,
): RowTest<Row> {
  if (field.type !== 'text' && field.type !== 'names') {
    throw new ExpressionProblem(
      start,
      `"${field.name}" is ${KINDS[field.type]}, and ${operator} looks into texts.`,
    );
  }
  if (typeof value !== 'string') {
    throw new ExpressionProblem(column, `A text in quotes stands behind ${operator}.`);
  }
  const has = operator === 'contains' ? containing(value) : matching(value, column);
  if (field.type === 'names') return (row) => field.read(row)?.some(has) ?? false;
  return (row) => {
    const text = field.read(row);
    return text !== undefined && has(text);
  };
}

function containing(value: string): (text: string) => boolean {
  const wanted = value.toLowerCase();
  return (text) => text.toLowerCase().includes(wanted);
}

/** RE2's expressions: their time grows with the text alone, so no pattern can hang. */
function matching(pattern: string, column: number): (text: string) => boolean {
  try {
    const compiled = RE2JS.compile(pattern);
    return (text) => compiled.test(text);
  } catch (thrown) {
    const words = thrown instanceof Error ? thrown.message.replace(/^error parsing regexp: /, '') : '';
    throw new ExpressionProblem(column, `The pattern can't be used: ${words}.`);
  }
}

function checkValue<Row>(field: TextField<Row> | NamesField<Row>, value: string, column: number): void {
  const { values } = field;
  const isAllowed = field.type === 'names' && value === NO_NAME;
  if (!values || isAllowed || values.includes(value)) return;
  const near = nearestName(value, values);
  const known = near === undefined ? `It can be ${values.join(', ')}.` : `Did you mean "${near}"?`;
  throw new ExpressionProblem(column, `"${field.name}" is never "${value}". ${known}`);
}

function mismatch<Row>(field: Field<Row>, column: number): ExpressionProblem {
  const hint = field.type === 'text' || field.type === 'names' ? ': write it in quotes' : '';
  return new ExpressionProblem(
    column,
    `"${field.name}" is ${KINDS[field.type]}, and this is something else${hint}.`,
  );
}

function noOrder<Row>(field: Field<Row>, column: number): ExpressionProblem {
  return new ExpressionProblem(
    column,
    `"${field.name}" is ${KINDS[field.type]}, which has no order: use == or !=.`,
  );
}
