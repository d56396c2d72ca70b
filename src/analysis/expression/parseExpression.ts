import jsep from 'jsep';
import { checkCharacters, unquoted } from './checkCharacters';
import { ExpressionProblem } from './field';
import type { ComparisonOperator, ExpressionNode } from './node';

/** Binds tighter as the number grows. */
const PRECEDENCE: Readonly<Record<ComparisonOperator | '&&' | '||', number>> = {
  '||': 1,
  '&&': 2,
  '==': 6,
  '!=': 6,
  '<': 6,
  '<=': 6,
  '>': 6,
  '>=': 6,
  contains: 6,
  matches: 6,
};

/** Where the text of a node begins: the parser's own tree does not say. */
const starts = new WeakMap<jsep.Expression, number>();
/** Where a parser is inside of `noteStart` already. */
const entered = new WeakMap<jsep.HookScope, number>();

/** The parser keeps its operators in one place for all its users; this file is its only one. */
function configure(): void {
  jsep.removeAllBinaryOps();
  for (const [operator, precedence] of Object.entries(PRECEDENCE)) jsep.addBinaryOp(operator, precedence);
  jsep.removeAllUnaryOps();
  for (const operator of ['!', '-']) jsep.addUnaryOp(operator);
  jsep.removeLiteral('null');
  jsep.hooks.add('gobble-token', noteStart);
}

/** Lets the parser read the token that it is at, and notes where it began. */
function noteStart(this: jsep.HookScope, env: { node?: jsep.Expression }): void {
  const start = this.index;
  if (entered.get(this) === start) {
    entered.delete(this);
    return;
  }
  entered.set(this, start);
  const node = this.gobbleToken();
  if (!node) return;
  if (!starts.has(node)) starts.set(node, start);
  env.node = node;
}

configure();

/**
 * Parses an expression. Words, numbers and texts are not yet looked at.
 * @throws ExpressionProblem for whatever the language does not have
 */
export function parseExpression(text: string): ExpressionNode {
  checkCharacters(text);
  let tree: jsep.Expression;
  try {
    tree = jsep(text);
  } catch (thrown) {
    throw problemOf(thrown, text);
  }
  return convert(tree);
}

function problemOf(thrown: unknown, text: string): ExpressionProblem {
  if (thrown instanceof RangeError) return new ExpressionProblem(0, 'The parentheses are nested too deeply.');
  const index = (thrown as { index?: unknown }).index;
  const column = typeof index === 'number' ? Math.min(index, text.length) : 0;
  const words = thrown instanceof Error ? thrown.message : '';
  if (words.startsWith('Unclosed (') || words.startsWith('Expected )')) {
    return new ExpressionProblem(column, 'A parenthesis is not closed: ) is missing.');
  }
  if (text.slice(column).trim() === '') {
    return new ExpressionProblem(
      text.length,
      'The expression ends too early: a field or a value is missing here.',
    );
  }
  const found = /^[\p{L}\p{N}_]+|^./u.exec(text.slice(column))?.[0] ?? '';
  return new ExpressionProblem(column, `"${found}" is not expected here.`);
}

function startOf(node: jsep.Expression): number {
  const own = starts.get(node);
  if (own !== undefined) return own;
  const left = (node as Partial<jsep.BinaryExpression>).left;
  return left ? startOf(left) : 0;
}

function convert(expression: jsep.Expression): ExpressionNode {
  const node = expression as jsep.CoreExpression;
  const column = startOf(node);
  switch (node.type) {
    case 'BinaryExpression':
      return convertBinary(node, column);
    case 'UnaryExpression':
      return node.operator === '!'
        ? { kind: 'not', operand: convert(node.argument), column }
        : { kind: 'value', value: negated(node), column };
    case 'Identifier':
      return { kind: 'name', name: node.name, column };
    case 'ThisExpression':
      return { kind: 'name', name: 'this', column };
    case 'MemberExpression':
      return { kind: 'name', name: memberName(node, column), column };
    case 'Literal':
      return { kind: 'value', value: literal(node), column };
    case 'CallExpression':
      return convertCall(node, column);
    case 'Compound':
    case 'SequenceExpression':
      throw apart(node);
    default:
      throw new ExpressionProblem(column, 'This is not a field, a value or a comparison.');
  }
}

/** `a.zooms`: fields of two rollouts that are compared have such names. */
function memberName({ object, property, computed }: jsep.MemberExpression, column: number): string {
  const [of, name] = [object, property] as readonly Partial<jsep.Identifier>[];
  if (!computed && object.type === 'Identifier' && property.type === 'Identifier')
    return `${String(of?.name)}.${String(name?.name)}`;
  throw new ExpressionProblem(column, 'This is not a field, a value or a comparison.');
}

function convertBinary(node: jsep.BinaryExpression, column: number): ExpressionNode {
  const [left, right] = [convert(node.left), convert(node.right)];
  const { operator } = node;
  if (operator === '&&' || operator === '||') return { kind: 'logical', operator, left, right, column };
  return { kind: 'comparison', operator: operator as ComparisonOperator, left, right, column };
}

function literal({ value, raw }: jsep.Literal): string | number | boolean {
  if (typeof value === 'string') return unquoted(raw);
  return typeof value === 'boolean' ? value : Number(value);
}

function negated(node: jsep.UnaryExpression): number {
  const { argument } = node;
  const value = argument.type === 'Literal' ? (argument as jsep.Literal).value : undefined;
  if (typeof value === 'number') return -value;
  throw new ExpressionProblem(startOf(node), 'A minus stands before a number only.');
}

function convertCall(node: jsep.CallExpression, column: number): ExpressionNode {
  const [argument] = node.arguments;
  const { callee } = node;
  if (callee.type !== 'Identifier' || (callee as jsep.Identifier).name !== 'known') {
    throw new ExpressionProblem(column, 'The only function is known(…); join tests with && or ||.');
  }
  if (!argument) throw new ExpressionProblem(column, 'known(…) takes the name of a field.');
  return { kind: 'known', argument: convert(argument), column };
}

/** Two expressions stand side by side, or none is there at all. */
function apart(node: jsep.Compound | jsep.SequenceExpression): ExpressionProblem {
  const [, second] = node.type === 'Compound' ? node.body : node.expressions;
  return second
    ? new ExpressionProblem(startOf(second), 'Something is missing before this: join tests with && or ||.')
    : new ExpressionProblem(0, 'Nothing is asked for here.');
}
