/** How two operands are compared. */
export type ComparisonOperator = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'contains' | 'matches';

/** An expression as a tree. `column` is where its text begins, from 0. */
export type ExpressionNode =
  | {
      readonly kind: 'logical';
      readonly operator: '&&' | '||';
      readonly left: ExpressionNode;
      readonly right: ExpressionNode;
      readonly column: number;
    }
  | { readonly kind: 'not'; readonly operand: ExpressionNode; readonly column: number }
  | {
      readonly kind: 'comparison';
      readonly operator: ComparisonOperator;
      readonly left: ExpressionNode;
      readonly right: ExpressionNode;
      readonly column: number;
    }
  | { readonly kind: 'known'; readonly argument: ExpressionNode; readonly column: number }
  | { readonly kind: 'name'; readonly name: string; readonly column: number }
  | { readonly kind: 'value'; readonly value: string | number | boolean; readonly column: number };
