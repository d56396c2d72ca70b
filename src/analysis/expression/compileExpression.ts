import type { Operand, RowTest } from './compileComparison';
import { compileComparison } from './compileComparison';
import type { Field, FieldTable } from './field';
import { ExpressionProblem } from './field';
import { nearestName } from './nearestName';
import type { ExpressionNode } from './node';

/** Stands for a value that is not recorded. */
export const UNKNOWN = 'unknown';

/**
 * Makes a closure of a tree: nothing is looked up or decided per row but the values themselves.
 * @throws ExpressionProblem for fields that do not exist and sides that don't fit
 */
export function compileExpression<Row>(node: ExpressionNode, fields: FieldTable<Row>): RowTest<Row> {
  const byName = new Map(fields.map((field) => [field.name, field]));
  const compile = (part: ExpressionNode): RowTest<Row> => {
    switch (part.kind) {
      case 'logical': {
        const [left, right] = [compile(part.left), compile(part.right)];
        return part.operator === '&&' ? (row) => left(row) && right(row) : (row) => left(row) || right(row);
      }
      case 'not': {
        const operand = compile(part.operand);
        return (row) => !operand(row);
      }
      case 'comparison':
        return compileComparison(part.operator, operandOf(part.left, byName), operandOf(part.right, byName));
      case 'known': {
        const field = fieldOf(part.argument, byName);
        return (row) => field.read(row) !== undefined;
      }
      case 'name':
        return compileFlag(fieldOf(part, byName), part.column);
      case 'value':
        throw new ExpressionProblem(part.column, 'A value alone is no test: compare a field with it.');
    }
  };
  return compile(node);
}

/** A field that stands alone. */
function compileFlag<Row>(field: Field<Row>, column: number): RowTest<Row> {
  if (field.type === 'boolean') return (row) => field.read(row) === true;
  const example = field.type === 'number' ? `${field.name} > 0` : `${field.name} contains "…"`;
  throw new ExpressionProblem(column, `"${field.name}" is not true or false: compare it, as in ${example}.`);
}

function operandOf<Row>(node: ExpressionNode, byName: ReadonlyMap<string, Field<Row>>): Operand<Row> {
  const { column } = node;
  if (node.kind === 'value') return { kind: 'value', value: node.value, column };
  if (node.kind === 'name' && node.name === UNKNOWN) return { kind: 'unknown', column };
  if (node.kind === 'name') return { kind: 'field', field: fieldOf(node, byName), column };
  throw new ExpressionProblem(
    column,
    'A field or a value is expected here: join tests with && or ||, and put what ! turns around in parentheses.',
  );
}

function fieldOf<Row>(node: ExpressionNode, byName: ReadonlyMap<string, Field<Row>>): Field<Row> {
  if (node.kind !== 'name') throw new ExpressionProblem(node.column, 'The name of a field is expected here.');
  const field = byName.get(node.name);
  if (field) return field;
  const near = nearestName(node.name, [...byName.keys()]);
  const hint = near === undefined ? 'Texts stand in quotes.' : `Did you mean "${near}"?`;
  throw new ExpressionProblem(node.column, `There is no field "${node.name}". ${hint}`);
}
