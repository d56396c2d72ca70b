import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CsvReader, separatorOf } from '../../../src/common/csv';
import { checkProperty } from '../../support/property';

/** A text in pieces, cut where the numbers say. */
function pieces(text: string, cuts: readonly number[]): readonly string[] {
  const places = [...cuts.map((cut) => cut % (text.length + 1)), 0, text.length].sort((a, b) => a - b);
  return places.slice(1).map((place, index) => text.slice(places[index], place));
}

function read(parts: readonly string[], separator = ','): readonly (readonly string[])[] {
  const reader = new CsvReader(separator);
  const rows = [...parts.flatMap((part) => reader.push(part)), ...reader.end()];
  return rows.map(({ cells }) => cells);
}

const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;
const character = fc.constantFrom('a', 'ä', '"', ',', ';', '\n', '\r', ' ', '\t', '');
const cell = fc.array(character, { maxLength: 6 }).map((letters) => letters.join(''));
const table = fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 5 });

describe('CsvReader', () => {
  it('gives back every table that was written in quotes, in pieces of any size', () => {
    checkProperty(
      fc.property(
        table,
        fc.constantFrom(',', ';', '\t'),
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.array(fc.nat()),
        (rows, separator, lineEnd, cuts) => {
          const lines = rows.map((row) => `${row.map(quoted).join(separator)}${lineEnd}`);
          assert.deepEqual(read(pieces(lines.join(''), cuts), separator), rows);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('reads any text the same in pieces as at once', () => {
    checkProperty(
      fc.property(fc.array(character, { maxLength: 40 }), fc.array(fc.nat()), (letters, cuts) => {
        const text = letters.join('');
        assert.deepEqual(read(pieces(text, cuts)), read([text]));
      }),
      { numRuns: 500 },
    );
  });

  it('tells the line and the place of each row', () => {
    const reader = new CsvReader(',');
    const rows = [...reader.push('a,b\r\n\r\n"x\ny",1\nlast,"\n'), ...reader.end()];
    assert.deepEqual(rows, [
      { line: 1, start: 0, end: 3, cells: ['a', 'b'] },
      { line: 3, start: 7, end: 14, cells: ['x\ny', '1'] },
      { line: 5, start: 15, end: 22, cells: ['last', '\n'], unclosed: true },
    ]);
  });

  it('keeps text behind a closing quote, quotes within a bare field, and empty fields', () => {
    assert.deepEqual(read(['"a"b,c"d",,""\n,\n']), [
      ['ab', 'c"d"', '', ''],
      ['', ''],
    ]);
  });

  it('tells the separator from what stands outside quotes', () => {
    assert.equal(separatorOf('image;question'), ';');
    assert.equal(separatorOf('"a;b;c",d'), ',');
    assert.equal(separatorOf('a\tb'), '\t');
    assert.equal(separatorOf('alone'), ',');
  });
});
