/** What all fields of rows have in common. */
interface FieldBase {
  /** As it is written in an expression. */
  readonly name: string;
  /** What it means, as a sentence. */
  readonly meaning: string;
  /** What a number counts. */
  readonly unit?: string;
}

/** A field whose value is a number. */
export interface NumberField<Row> extends FieldBase {
  readonly type: 'number';
  /** Undefined where it is not recorded. */
  readonly read: (row: Row) => number | undefined;
}

/** A field that is true or false. */
export interface BooleanField<Row> extends FieldBase {
  readonly type: 'boolean';
  readonly read: (row: Row) => boolean | undefined;
}

/** A field whose value is a text. */
export interface TextField<Row> extends FieldBase {
  readonly type: 'text';
  /** All values that there can be, where these are few. */
  readonly values?: readonly string[];
  /** Whether plain words are looked for in it. */
  readonly searched?: boolean;
  readonly read: (row: Row) => string | undefined;
}

/** A field that holds any number of names out of a few. */
export interface NamesField<Row> extends FieldBase {
  readonly type: 'names';
  readonly values: readonly string[];
  /** Empty: it is known that there is none. */
  readonly read: (row: Row) => readonly string[] | undefined;
}

/** A field of rows that expressions can name. */
export type Field<Row> = NumberField<Row> | BooleanField<Row> | TextField<Row> | NamesField<Row>;

/** All fields of a kind of row. */
export type FieldTable<Row> = readonly Field<Row>[];

/** What `names == …` calls a field that holds no name. */
export const NO_NAME = 'none';

/** Something is wrong with an expression. */
export interface ExpressionError {
  /** Where, as an offset into the text, from 0, in UTF-16 units; the text's length where something is missing at its end. */
  readonly column: number;
  /** What, as a sentence that says what to write instead. */
  readonly message: string;
}

/** Is thrown inside of the parser and compiler and caught by `compileFilter`. */
export class ExpressionProblem extends Error {
  constructor(
    readonly column: number,
    message: string,
  ) {
    super(message);
  }
}
