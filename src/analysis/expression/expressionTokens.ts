/** A piece of an expression, as completion sees it: half-written ones too. */
export interface ExpressionToken {
  readonly kind: 'word' | 'number' | 'text' | 'operator' | 'open' | 'close' | 'other';
  readonly text: string;
  readonly start: number;
  /** One past the last character. */
  readonly end: number;
}

const TOKEN =
  /(?<text>"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?)|(?<word>[\p{L}_$][\p{L}\p{N}_$]*)|(?<number>-?[\d.]+)|(?<operator>==|!=|<=|>=|&&|\|\||[<>!])|(?<open>\()|(?<close>\))|(?<other>\S)/gsu;

/** Cuts a text into pieces. A text in quotes that is not closed reaches to the end. */
export function expressionTokens(text: string): ExpressionToken[] {
  return [...text.matchAll(TOKEN)].map((match) => {
    const kind = Object.entries(match.groups ?? {}).find(([, piece]) => piece !== undefined)?.[0] ?? 'other';
    const [piece] = match;
    const isWordOperator = piece === 'contains' || piece === 'matches';
    return {
      kind: isWordOperator ? 'operator' : (kind as ExpressionToken['kind']),
      text: piece,
      start: match.index,
      end: match.index + piece.length,
    };
  });
}
