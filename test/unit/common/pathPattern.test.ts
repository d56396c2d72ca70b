import assert from 'node:assert/strict';
import { pathPattern } from '../../../src/common/pathPattern';

const matches = (pattern: string, file: string): boolean => pathPattern(pattern)?.test(file) === true;

describe('pathPattern', () => {
  for (const [pattern, yes, no] of [
    ['**/.git', ['.git', 'a/.git', 'a/b/.git'], ['a.git', '.git/x', '.github']],
    ['*.log', ['a.log', '.log'], ['a/b.log', 'a.logs']],
    ['**/*.{log,txt}', ['a.log', 'a/b.txt'], ['a.csv', 'a.log/b']],
    ['out/**', ['out', 'out/a', 'out/a/b'], ['outer', 'a/out']],
    ['a/**/b', ['a/b', 'a/x/b', 'a/x/y/b'], ['ab', 'a/xb']],
    ['run-?', ['run-1'], ['run-12', 'run-/']],
    ['run-[0-4]', ['run-3'], ['run-7']],
    ['run-[!0-4]', ['run-7'], ['run-3', 'run-/']],
    ['a-b (1)+.x', ['a-b (1)+.x'], ['a-b 11.x', 'a-b (1)+zx']],
    ['{a,b', ['a', 'b'], ['{a,b']],
    ['runs/', ['runs'], ['runs/x']],
    ['a,b', ['a,b'], ['a', 'b']],
  ] as const) {
    it(`reads ${pattern}`, () => {
      for (const file of yes) assert.ok(matches(pattern, file), file);
      for (const file of no) assert.ok(!matches(pattern, file), file);
    });
  }

  it('gives nothing for what is no pattern', () => {
    assert.equal(pathPattern('[z-a]'), undefined);
    assert.equal(pathPattern('*'.repeat(501)), undefined);
  });

  it('takes no time over patterns that go back and forth', () => {
    const begun = performance.now();
    assert.ok(!matches(`${'**/'.repeat(40)}x`, `${'a/'.repeat(60)}b`));
    assert.ok(performance.now() - begun < 500, 'folders');
  });
});
