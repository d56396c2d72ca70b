const WORDS: Readonly<Record<string, number>> = {
  nan: NaN,
  inf: Infinity,
  infinity: Infinity,
  true: 1,
  false: 0,
};
const POINT = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const COMMA = /^[+-]?(\d+,\d*|,\d+)(e[+-]?\d+)?$/i;
const THOUSANDS = /^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$/;

/** Reads the numbers of a table, and learns from them which sign stands before the decimals. */
export class CsvNumbers {
  private decimal: 'point' | 'comma' | undefined;

  /** Undefined for what is no number. */
  read(cell: string): number | undefined {
    const text = cell.trim();
    if (POINT.test(text)) {
      if (text.includes('.')) this.decimal ??= 'point';
      return Number(text);
    }
    if (this.decimal === 'point' && THOUSANDS.test(text)) return Number(text.replaceAll(',', ''));
    if (COMMA.test(text)) {
      this.decimal ??= 'comma';
      return Number(text.replace(',', '.'));
    }
    const word = WORDS[text.toLowerCase().replace(/^[+-]/, '')];
    return word !== undefined && text.startsWith('-') ? -word : word;
  }
}
