import type { RowTest } from './compileComparison';
import type { FieldTable, TextField } from './field';

/**
 * Rows in whose searched fields all of the words occur, each in any of them; case does not matter. What stands in double
 * quotes is looked for as one.
 */
export function wordSearch<Row>(text: string, fields: FieldTable<Row>): RowTest<Row> {
  const words = [...text.toLowerCase().matchAll(/"([^"]*)"|(\S+)/g)]
    .map(([, phrase, word]) => (phrase ?? word ?? '').trim())
    .filter((word) => word !== '');
  const searched = fields.filter(
    (field): field is TextField<Row> => field.type === 'text' && field.searched === true,
  );
  const reads = searched.map((field) => field.read);
  return (row) => {
    // A line break is in no word, so none is found across two fields.
    let all = '';
    for (const read of reads) all += `${read(row) ?? ''}\n`;
    const lower = all.toLowerCase();
    return words.every((word) => lower.includes(word));
  };
}
