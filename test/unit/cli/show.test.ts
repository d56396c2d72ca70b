import assert from 'node:assert/strict';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { imcot, JUDGED, OWN, SAMPLES, VSTAR } from './support/imcot';

describe('imcot show', () => {
  const parsed = (lines: string): unknown[] =>
    lines
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);

  it('prints every part of a rollout', async () => {
    const { code, out, err } = await imcot(['show', OWN, '--index', '3']);
    assert.deepEqual([code, err], [0, '']);
    const order = [
      'market-street.jpg, 1600 x 1000',
      'What does the card',
      'Turn 1',
      'thought',
      'tool call',
      'image_zoom_in_tool [767, 735, 793, 750] "price card"',
      'refused: ',
      'observation',
      'Error: ZOOM IN ARGUMENTS ARE INVALID',
      'Turn 2',
      'crop 104 x 94',
      'Turn 3',
      'It says 3.10.',
      'ground truth',
      'right (stored)',
    ];
    let at = -1;
    for (const words of order) {
      const next = out.indexOf(words, at + 1);
      assert.ok(next > at, `"${words}" in its place in\n${out}`);
      at = next;
    }
  });

  it('takes the size of the image from the image itself, beside the log or in a named folder', async () => {
    const beside = await imcot(['show', JUDGED, '--index', '3']);
    assert.match(beside.out, /market-street\.jpg, 1600 x 1000/);
    assert.match(beside.out, /crop 24 x 16, seen as 84 x 56, 6 visual tokens/);
    const folder = await mkdtemp(path.join(os.tmpdir(), 'show-'));
    try {
      const copy = path.join(folder, 'result_direct_attributes_x.jsonl');
      await copyFile(JUDGED, copy);
      const without = await imcot(['show', copy, '--index', '3']);
      assert.equal(without.code, 0);
      assert.match(without.out, /not found beside the log; --images DIR/);
      assert.doesNotMatch(without.out, /visual tokens/);
      const named = await imcot(['show', copy, '--index', '3', '--images', SAMPLES]);
      assert.match(named.out, /crop 24 x 16/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('gives the same rollout again as JSON lines', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'show-'));
    const copy = path.join(folder, 'copy.imcot.jsonl');
    try {
      for (const [file, index] of [
        [OWN, '0'],
        [JUDGED, '3'],
        [path.join(SAMPLES, 'rollout_data_rank0.jsonl'), '11'],
      ] as const) {
        const first = await imcot(['show', '--json', file, '--index', index]);
        await writeFile(copy, first.out);
        const again = await imcot(['show', '--json', copy]);
        assert.deepEqual(parsed(again.out), parsed(first.out));
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('shows the options, and says only once what the environment repeats with every crop', async () => {
    const file = path.join(VSTAR, 'merge_ds1_step48_ds4_step40/result_direct_attributes_tmp_acc.jsonl');
    const rollouts = (await readFile(file, 'utf8')).trimEnd().split('\n');
    let repeated = 0;
    for (const index of rollouts.keys()) {
      const { out } = await imcot(['show', file, '--index', String(index)]);
      assert.match(out, /^options {7}A\. .+\n {14}B\. /m);
      assert.equal(out.split('Think first, call').length, 2, out);
      repeated += out.split('(the same words as above)').length - 1;
    }
    assert.ok(repeated > 0, 'a rollout with two crops is among them');
  });

  it('writes rewards as the trainer meant them, and a sum only where it is one', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'show-'));
    const common = { input: 'user\nq\nassistant\n', output: '<answer>a</answer>', gts: 'a', step: 1 };
    try {
      const rows = [
        { ...common, score: 0.800000011920929, acc: 1 },
        { ...common, score: 3.5, acc: 1 },
      ];
      await writeFile(path.join(folder, '1.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
      const reward = async (index: string) =>
        /^reward +(.*)$/m.exec((await imcot(['show', folder, '--index', index])).out)?.[1];
      assert.equal(
        await reward('0'),
        '0.8 = 0.8 x accuracy 1 (stored) + 0.2 x format 0 (recovered) + 1.2 x tool 0 (recovered), formula deepeyes',
      );
      assert.equal(await reward('1'), '3.5; accuracy 1 (stored)');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('wraps and paints on a terminal only', async () => {
    const { out } = await imcot(['show', OWN], { columns: 60, colour: true });
    // eslint-disable-next-line no-control-regex -- colours are asked for
    const plain = out.replace(/\u001b\[\d+m/g, '');
    assert.notEqual(plain, out);
    const lines = plain.split('\n').filter((line) => line.startsWith('  ') && !line.includes('.webp'));
    assert.ok(lines.length > 10);
    for (const line of lines) assert.ok(line.length <= 60, line);
  });

  it('lets hostile text do nothing to the terminal', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'show-'));
    const hostile = '\u001b]0;owned\u0007\u001b[2J\r\u009b31m\u202eback';
    const row = {
      messages: [
        { role: 'user', content: hostile },
        { role: 'assistant', content: `<think>${hostile}</think><tool_call>${hostile}</tool_call>` },
      ],
      answer: hostile,
      [hostile]: 1,
    };
    try {
      await writeFile(path.join(folder, 'chat.jsonl'), `${JSON.stringify(row)}\n`);
      const { out } = await imcot(['show', folder]);
      assert.ok(out.includes('␛]0;owned␇'));
      // eslint-disable-next-line no-control-regex -- the very thing that must not be there
      assert.doesNotMatch(out, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('tells who judged and why, what a judge said, and which part of a reward is unknown', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'show-'));
    const reason = 'The right answer is not known.';
    const part = {
      name: 'format',
      value: 0,
      weight: 0.2,
      provenance: 'recomputed',
      reason: 'Every count matches.',
    };
    const accuracy = {
      name: 'accuracy',
      value: 1,
      weight: 0.8,
      provenance: 'recomputed',
      reason: 'It says 1.',
    };
    const lines = [
      { imcot: 1 },
      { t: 0, event: 'start', prompt: { user: 'q' } },
      { t: 0, event: 'outcome', status: 'finished' },
      { t: 0, event: 'reward', parts: [part], formula: 'deepeyes', unknown: [{ name: 'accuracy', reason }] },
      { t: 1, event: 'start', prompt: { user: 'q' } },
      { t: 1, event: 'outcome', status: 'finished' },
      { t: 1, event: 'verdict', correct: true, provenance: 'recomputed', by: 'judge', reason: 'It says 1.' },
      {
        t: 1,
        event: 'reward',
        total: 0.8,
        parts: [{ ...accuracy, replies: ['Hm\u001b[2J.', 'Verdict: 1'] }, part],
        formula: 'deepeyes',
      },
    ];
    try {
      const file = path.join(folder, 'a.imcot.jsonl');
      await writeFile(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
      const open = (await imcot(['show', file])).out;
      assert.match(open, /^verdict {7}not judged: The right answer is not known\.$/m);
      assert.match(open, /^reward {8}unknown; 0\.2 x format 0 \(recomputed\), formula deepeyes$/m);
      assert.equal(open.split(reason).length, 2, 'said once');
      const judged = (await imcot(['show', file, '--index', '1'])).out;
      assert.match(judged, /^verdict {7}right \(recomputed by judge\): It says 1\.$/m);
      assert.match(judged, /^judge said {4}1 of 2: Hm␛\[2J\.\n {14}2 of 2: Verdict: 1$/m);
      assert.match(judged, /^ {14}format: Every count matches\.$/m);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('finds pictures of the folder whose own log it is, and places boxes as the rollout did', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'show-'));
    const call =
      '<tool_call>{"name": "image_zoom_in_tool", "arguments": {"bbox_2d": [10, 10, 40, 40]}}</tool_call>';
    const start = {
      prompt: { user: 'q', images: [{ kind: 'file', path: '../../deep/in/station.jpg' }] },
      frame: 'resized',
      settings: { protocol: 'deepeyes-v2', view: { maxPixels: 50176 } },
    };
    const lines = [
      { imcot: 1 },
      { t: 0, event: 'start', ...start },
      { t: 0, event: 'text', turn: 0, text: call },
    ];
    try {
      const logs = path.join(folder, '.imcot', 'rollouts');
      await mkdir(logs, { recursive: true });
      await mkdir(path.join(folder, 'deep', 'in'), { recursive: true });
      await copyFile(path.join(SAMPLES, 'station.jpg'), path.join(folder, 'deep', 'in', 'station.jpg'));
      const file = path.join(logs, 'a.imcot.jsonl');
      await writeFile(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
      const { out } = await imcot(['show', file]);
      assert.match(out, /found: .*station\.jpg, \d+ x \d+/);
      assert.match(out, /\[10, 10, 40, 40\] \(resized\)\n {2}cut \[/);
      const elsewhere = path.join(folder, 'a.imcot.jsonl');
      await copyFile(file, elsewhere);
      await rm(path.join(folder, 'deep'), { recursive: true });
      assert.match((await imcot(['show', elsewhere])).out, /not found beside the log|that may be read/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
