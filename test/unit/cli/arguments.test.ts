import assert from 'node:assert/strict';
import { parseVerbArguments, wholeNumber, type VerbSpec } from '../../../src/cli/arguments';
import { editDistance, nearestWord } from '../../../src/cli/nearestWord';

const spec: VerbSpec = {
  name: 'show',
  summary: '',
  usage: '',
  details: [],
  options: { index: { type: 'string', value: 'N', description: '' } },
  maxPaths: 1,
};

const usage = (message: RegExp) => (thrown: Error) => {
  assert.equal((thrown as { code?: string }).code, 'usage');
  assert.match(thrown.message, message);
  return true;
};

describe('cli arguments', () => {
  it('takes options before and after the path, with a blank or an equals sign', () => {
    for (const words of [
      ['a', '--index', '3', '--json'],
      ['--json', '--index=3', 'a'],
    ]) {
      const args = parseVerbArguments(spec, words);
      assert.deepEqual(args.paths, ['a']);
      assert.equal(wholeNumber(spec, args, 'index'), 3);
      assert.ok(args.flags.has('json'));
    }
  });

  it('takes what follows -- as a path', () => {
    assert.deepEqual(parseVerbArguments(spec, ['--', '--json']).paths, ['--json']);
  });

  it('names the nearest option for an unknown one', () => {
    assert.throws(
      () => parseVerbArguments(spec, ['--jsno', 'a']),
      usage(/no option --jsno\. Did you mean --json\?/),
    );
    assert.throws(() => parseVerbArguments(spec, ['--indx', 'a']), usage(/Did you mean --index\?/));
    assert.throws(
      () => parseVerbArguments(spec, ['--temperature', 'a']),
      usage(/no option --temperature\. See/),
    );
    assert.throws(() => parseVerbArguments(spec, ['--constructor', 'a']), usage(/no option --constructor/));
  });

  it('refuses missing and superfluous words', () => {
    assert.throws(() => parseVerbArguments(spec, []), usage(/needs a path/));
    assert.throws(() => parseVerbArguments(spec, ['a', 'b']), usage(/takes one path, but 2/));
    assert.throws(() => parseVerbArguments(spec, ['a', '--index']), usage(/--index needs a value \(N\)/));
    assert.throws(() => parseVerbArguments(spec, ['a', '--json=yes']), usage(/--json takes no value/));
  });

  it('takes whole numbers only', () => {
    for (const text of ['1.5', '1e3', ' 1', 'x', '99999999999999999999', '-1']) {
      const args = parseVerbArguments(spec, ['a', `--index=${text}`]);
      assert.throws(() => wholeNumber(spec, args, 'index'), usage(/whole number/), text);
    }
  });

  it('needs no path for help', () => {
    assert.equal(parseVerbArguments(spec, ['-h']).help, true);
  });
});

describe('nearest word', () => {
  it('counts edits', () => {
    assert.equal(editDistance('kitten', 'sitting'), 3);
    assert.equal(editDistance('', 'abc'), 3);
    assert.equal(editDistance('abc', 'abc'), 0);
  });

  it('finds the close one and nothing when none is close', () => {
    const verbs = ['list', 'show', 'summarize'];
    assert.equal(nearestWord('sumarize', verbs), 'summarize');
    assert.equal(nearestWord('summarise', verbs), 'summarize');
    assert.equal(nearestWord('lst', verbs), 'list');
    assert.equal(nearestWord('sum', verbs), 'summarize');
    assert.equal(nearestWord('metrics', verbs), undefined);
    assert.equal(nearestWord('x'.repeat(1e6), verbs), undefined);
  });
});
