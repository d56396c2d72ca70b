import assert from 'node:assert/strict';
import { parseJson, previewJson } from '../../../src/common/json';

import { writeJson } from '../../../src/common/jsonWriter';
import type { FormatId, RecordResult } from '../../../src/readers/reader';
import { linesOfTrajectory } from '../../../src/readers/trajectories/imcotFromTrajectory';
import { FORMATS, fixtureRecords } from '../../support/fixtureRecords';
import { fixtureCut, linesOf, readBytes, readerNamed, sameResult } from '../../support/mutations';
import { contextAt } from '../../support/readRecords';

const MIB = 2 ** 20;
const SLOWEST_MILLISECONDS = 10_000;
const encoder = new TextEncoder();

/** Reads a record and does with it what the program does with every record: shows its extras and writes it again. */
function readAndUse(format: FormatId, values: readonly unknown[]): RecordResult {
  const begun = performance.now();
  const result = readerNamed(format).read(values, contextAt());
  if (result.status === 'ok') {
    for (const value of result.trajectory.extras.values()) previewJson(value, 200);
    for (const line of linesOfTrajectory(0, result.trajectory, result.images)) assert.ok(line.length > 0);
  } else assert.match(result.reason, /^[A-Z].*\.$/s, 'a reason is a sentence');
  const took = performance.now() - begun;
  assert.ok(took < SLOWEST_MILLISECONDS, `${format} took ${took} ms`);
  return result;
}

function parsed(text: string): unknown {
  const result = parseJson(text);
  assert.ok(result.ok, result.ok ? '' : result.error);
  return result.value;
}

const DEEP = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
const ODD_VALUES: readonly string[] = [
  'null',
  'true',
  '-1',
  '1e308',
  '1e999',
  'NaN',
  '""',
  '"x"',
  '[]',
  '{}',
  '[[[]]]',
  '[null,1,"x",{}]',
  '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":1,"length":-1}',
  '"\\ud800 <|im_start|>user\\n<tool_call></tool_call><answer><think>\\u0000"',
  DEEP,
];

/** Every way in which one value inside a record, however deep, is another: as JSON texts. */
function* variants(value: unknown, replacements: readonly string[]): Generator<string> {
  yield* replacements;
  if (Array.isArray(value)) {
    // The first entries stand for all of them.
    for (const [index, entry] of value.slice(0, 3).entries()) {
      for (const text of variants(entry, replacements)) {
        yield `[${value.map((other, at) => (at === index ? text : writeJson(other))).join(',')}]`;
      }
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, held] of Object.entries(value)) {
      const others = Object.entries(value)
        .filter(([other]) => other !== key)
        .map(([other, rest]) => `${JSON.stringify(other)}:${writeJson(rest)}`);
      for (const text of variants(held, replacements)) {
        yield `{${[...others, `${JSON.stringify(key)}:${text}`].join(',')}}`;
      }
    }
  }
}

/** Records of a format that are small enough to be changed in every place. */
function smallRecords(format: FormatId): unknown[][] {
  const sizes = fixtureRecords(format).map((values) => ({ values, size: writeJson(values).length }));
  const sorted = sizes.sort((a, b) => a.size - b.size).map(({ values }) => values);
  // Of the event log the rollouts that failed and that came out wrong: between them they have every kind of event.
  return format === 'imcot' ? fixtureRecords(format).slice(1, 3) : sorted.slice(0, 1);
}

describe('hostile records', function () {
  this.timeout(60_000);
  const members = Object.getOwnPropertyNames(Object.prototype).sort();
  afterEach(() => {
    assert.deepEqual(Object.getOwnPropertyNames(Object.prototype).sort(), members);
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
  });

  for (const format of FORMATS) {
    it(`${format}: any value in the place of any other`, () => {
      let count = 0;
      for (const values of smallRecords(format)) {
        for (const [index, value] of values.entries()) {
          // Deep nesting in every place would only repeat itself: at the top level of each field it is enough.
          const shallow = ODD_VALUES.filter((text) => text !== DEEP);
          for (const text of variants(value, shallow)) {
            readAndUse(format, values.with(index, parsed(text)));
            count++;
          }
        }
      }
      assert.ok(count > 100, `only ${count} variants`);
    });

    it(`${format}: nesting 100,000 deep in every field`, () => {
      for (const values of smallRecords(format).slice(0, 1)) {
        for (const [index, value] of values.entries()) {
          const fields = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
          const whole = Object.keys(fields).map((key) => {
            const others = Object.entries(fields).filter(([other]) => other !== key);
            return `{${[...others.map(([other, held]) => `${JSON.stringify(other)}:${writeJson(held)}`), `${JSON.stringify(key)}:${DEEP}`].join(',')}}`;
          });
          for (const text of [DEEP, ...whole, `{"extra":${DEEP}}`]) {
            readAndUse(format, values.with(index, parsed(text)));
          }
        }
      }
    });

    it(`${format}: keys that name parts of every object`, () => {
      for (const values of smallRecords(format)) {
        const poisoned = values.map((value) => {
          const text = writeJson(value);
          if (!text.startsWith('{')) return value;
          const keys =
            '"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"hasOwnProperty":1';
          // Behind the record's own keys, since the first key of an event means something.
          return parsed(`${text.slice(0, -1)},${keys}}`);
        });
        const result = readAndUse(format, poisoned);
        assert.equal(result.status, 'ok');
        assert.ok(result.status === 'ok' && Object.getPrototypeOf(result.trajectory) === Object.prototype);
      }
    });

    it(`${format}: a record of 64 MiB`, () => {
      const values = smallRecords(format)[0] ?? [];
      const long = 'word <tool_call> '.repeat((64 * MIB) / 17);
      const grown = values.map((value) => grow(value, long));
      assert.notDeepEqual(grown, values);
      const begun = performance.now();
      const result = readerNamed(format).read(grown, contextAt());
      assert.ok(performance.now() - begun < SLOWEST_MILLISECONDS, `${performance.now() - begun} ms`);
      assert.equal(result.status, 'ok');
    });

    it(`${format}: byte order mark, CRLF, empty lines and NUL characters change nothing`, () => {
      const original = fixtureCut(format);
      const text = new TextDecoder().decode(original);
      const dressed = encoder.encode(`\ufeff${text.replaceAll('\n', '\r\n')}`);
      const padded = encoder.encode(text.replaceAll('\n', '\0\0\n'));
      const expected = readBytes(format, original);
      for (const bytes of [dressed, padded]) {
        const found = readBytes(format, bytes);
        assert.equal(found.length, expected.length);
        found.forEach(({ result }, index) => {
          const wanted = expected[index];
          assert.ok(wanted && sameResult(result, wanted.result));
        });
      }
    });

    it(`${format}: bytes that are not UTF-8 spoil their own characters only`, () => {
      const original = fixtureCut(format);
      const expected = readBytes(format, original);
      const bytes = Uint8Array.from(original);
      // Within the first longer text of the first record: letters between two letters.
      const first = linesOf(original).findIndex((_, index) => format !== 'imcot' || index === 1);
      const { start, end } = linesOf(original)[first] ?? { start: 0, end: 0 };
      const at = new TextDecoder('latin1')
        .decode(original.subarray(start, end))
        .search(/(?<=[a-z] )[a-z]{3,} [a-z]/);
      assert.ok(at > 0);
      bytes[start + at] = 0xff;
      const found = readBytes(format, bytes);
      const changed = found.filter(({ result }, index) => {
        const wanted = expected[index];
        assert.equal(result.status, 'ok');
        return !wanted || !sameResult(result, wanted.result);
      });
      assert.equal(changed.length, 1);
      const [spoilt] = changed;
      assert.ok(spoilt?.result.status === 'ok');
      const again = linesOfTrajectory(0, spoilt.result.trajectory, spoilt.result.images).join('');
      assert.ok(again.includes('\ufffd'));
    });
  }
});

/** The same value with the first model text in it made long; other fields keep their meaning. */
function grow(value: unknown, long: string): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((entry) => grow(entry, long));
  const entries = Object.entries(value).map(([key, held]): [string, unknown] => {
    const isText = ['content', 'value', 'response', 'output', 'completion', 'text', 'pred_ans'].includes(key);
    return [key, isText && typeof held === 'string' && held.length > 20 ? held + long : grow(held, long)];
  });
  return Object.fromEntries(entries);
}
