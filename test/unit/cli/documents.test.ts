import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { main } from '../../../src/cli/commandLine';

const ROOT = path.resolve(__dirname, '../../..');
const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');

describe('documents', () => {
  it('README shows what the commands print', async () => {
    const examples = [...read('README.md').matchAll(/```\n\$ imcot (.+)\n([^]*?)```/g)];
    assert.equal(examples.length, 2);
    const before = process.cwd();
    process.chdir(ROOT);
    try {
      for (const [, command = '', shown] of examples) {
        let out = '';
        const sink = { isTerminal: false, colour: false };
        const io = {
          out: { ...sink, write: (text: string) => void (out += text) },
          err: { ...sink, write() {} },
        };
        assert.equal(await main(command.split(' '), { ...io, signal: new AbortController().signal }), 0);
        assert.equal(shown, out);
      }
    } finally {
      process.chdir(before);
    }
  });

  it('CONTRIBUTING justifies every dependency', () => {
    const manifest = JSON.parse(read('package.json')) as Record<string, Record<string, string>>;
    const text = read('CONTRIBUTING.md');
    for (const name of Object.keys({ ...manifest['dependencies'], ...manifest['devDependencies'] })) {
      assert.ok(text.includes(`\`${name}\``) || text.includes(`\`${name} `), name);
    }
  });

  it('every verb and format is described', () => {
    const text = read('docs/cli.md');
    for (const word of [
      '## list',
      '## run',
      '## show',
      '## summarize',
      '## compare',
      '## metrics',
      '## stages',
      'imcot',
      'deepeyes-eval',
      'rl-logging-board',
      'verl-rollouts',
      'chat',
    ]) {
      assert.ok(text.includes(word), word);
    }
  });
});
