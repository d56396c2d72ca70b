import assert from 'node:assert/strict';
import { trajectoryFacts } from '../../../../src/analysis/trajectoryFacts';
import { deepeyesEvalReader as reader } from '../../../../src/readers/trajectories/deepeyesEval';
import { fixturePath, readFixture, readGood, readValue } from '../../../support/readFixture';

const MERGE = 'merge_ds1_step48_ds4_step40';
const fixture = (...parts: string[]): string => fixturePath('deepeyes-vstar', ...parts);
const direct = readFixture(reader, fixture(MERGE, 'result_direct_attributes_tmp_acc.jsonl'));
const relative = readFixture(reader, fixture(MERGE, 'result_relative_position_tmp_acc.jsonl'));

const message = (role: string, content: unknown): unknown => ({ role, content });
const blank = { type: 'image_url', image_url: { url: 'data:image/jpeg;base64,' } };
const text = (words: string): unknown => ({ type: 'text', text: words });
const asked = [message('system', 'S'), message('user', [blank, text('Question: Why?\nOptions: \nA. x\n')])];

describe("DeepEyes evaluation: the authors' rows", () => {
  it('the prompt is the question, with the picture that the record names', () => {
    const [first] = readFixture(
      reader,
      fixture('4node_ds4_step_72', 'result_direct_attributes_tmp_acc.jsonl'),
    );
    assert.equal(first?.prompt.question, "What is the color of the man's cap?");
    assert.match(first.prompt.user, /^Question: What is .*\nOptions: \nA\. /);
    assert.deepEqual(first.prompt.images, [{ kind: 'file', path: 'sa_30411.jpg' }]);
    assert.match(first.prompt.system ?? '', /^You are a helpful assistant/);
    assert.equal(first.groundTruth, "The color of the man's cap is white.");
    assert.equal(first.prediction, "The man's cap is white.");
    assert.deepEqual(first.verdict, { correct: true, provenance: 'stored' });
    assert.equal(first.split, 'direct_attributes');
    assert.equal(first.frame, 'original');
    assert.equal(first.zoomVariant, 'evaluation');
    assert.deepEqual(first.outcome, { status: 'finished', reason: 'success' });
    assert.equal(first.extras.size, 0);
  });

  it('an unclosed call is acted on, and its crop is blank', () => {
    const [first] = readFixture(
      reader,
      fixture('4node_ds4_step_72', 'result_direct_attributes_tmp_acc.jsonl'),
    );
    const turn = first?.turns[0];
    assert.deepEqual(
      turn?.parts.map(({ kind, closed }) => [kind, closed]),
      [
        ['thought', true],
        ['toolCall', false],
      ],
    );
    const call = turn?.parts[1];
    assert.ok(call?.kind === 'toolCall' && call.acted && call.call.status === 'parsed');
    assert.deepEqual(call.call.box, { x1: 20, y1: 902, x2: 42, y2: 914 });
    assert.equal(call.call.label, "man's cap");
    assert.deepEqual(turn?.observation?.images, [{ kind: 'blank' }]);
    assert.match(turn?.observation?.text ?? '', /^Think first, call/);
  });

  it('a turn with call and answer was cropped, and the row ends with the crop', () => {
    const row = direct[3];
    assert.equal(row?.turns.length, 2);
    assert.deepEqual(
      row.turns[1]?.parts.map(({ kind }) => kind),
      ['thought', 'answer', 'toolCall'],
    );
    assert.equal(row.turns[1]?.observation?.images.length, 1);
    assert.equal(row.outcome.status, 'finished');
    const facts = trajectoryFacts(row);
    assert.equal(facts.zoomCount, 2);
    assert.equal(facts.turnsWithCallAndAnswer, 1);
  });

  it('the turn on which the tool raised is recovered from the prediction and not counted', () => {
    const row = relative[2];
    assert.equal(row?.turns.length, 1);
    assert.equal(row.turns[0]?.recovered, true);
    const call = row.turns[0]?.parts.at(-1);
    assert.ok(call?.kind === 'toolCall' && call.acted && call.call.status === 'parsed');
    assert.deepEqual(call.call.box, { x1: 1630, y1: 1020, x2: 1658, y2: 1014 });
    assert.equal(row.outcome.status, 'error');
    assert.equal(row.prediction, undefined);
    assert.deepEqual(row.verdict, { correct: false, provenance: 'stored' });
    const { zoomCount, toolCalls, toolErrors, boxes } = trajectoryFacts(row);
    assert.deepEqual([zoomCount, toolCalls, toolErrors, boxes.length], [0, 0, 1, 0]);
  });

  it('without acc there is no verdict, and all else is equal', () => {
    const plain = readFixture(reader, fixture(MERGE, 'result_relative_position.jsonl'));
    assert.deepEqual(
      plain.map((row) => row.verdict),
      [undefined, undefined],
    );
    assert.deepEqual(plain[1]?.turns, relative[2]?.turns);
  });

  it('every turn keeps its text byte for byte', () => {
    for (const row of [...direct, ...relative]) {
      for (const turn of row.turns) {
        for (const part of turn.parts)
          assert.equal(turn.raw.slice(part.range.start, part.range.end), part.text);
      }
    }
  });
});

describe('DeepEyes evaluation: variants', () => {
  it('old files without image have a blank one', () => {
    const row = readGood(reader, { question: 'Why?', pred_ans: 'x', pred_output: asked, status: 'success' });
    assert.deepEqual(row.prompt.images, [{ kind: 'blank' }]);
    assert.equal(row.split, undefined);
  });

  it('HR-Bench: the category is the split, answer_str the answer', () => {
    const value = {
      question: 'Why?',
      answer: 'B',
      answer_str: 'cat',
      pred_ans: 'B',
      pred_output: asked,
      category: 'cross',
      status: 'success',
    };
    const row = readGood(reader, value, '/runs/result_hr_bench_4k_qwen.jsonl');
    assert.equal(row.split, 'cross');
    assert.equal(row.groundTruth, 'cat');
    assert.deepEqual([...row.extras], [['answer', 'B']]);
  });

  for (const [name, split] of [
    ['result_direct_attributes_tmp_acc.jsonl', 'direct_attributes'],
    ['result_relative_position_qwen-7b_acc.jsonl', 'relative_position'],
    ['result_hr_bench_8k_direct_attributes.jsonl', 'hr_bench_8k'],
    ['result_hr_bench_4k.jsonl', 'hr_bench_4k'],
    ['result_direct_attributesx.jsonl', undefined],
    ['my_result_direct_attributes.jsonl', undefined],
  ] as const) {
    it(`the split of ${name} is ${split ?? 'none'}`, () => {
      assert.equal(readGood(reader, { pred_output: [], pred_ans: '' }, `a/${name}`).split, split);
    });
  }

  it('a loop that never answered reached its limit', () => {
    const words = Array.from({ length: 11 }, () => message('assistant', 'hm'));
    const row = readGood(reader, { pred_output: [...asked, ...words], pred_ans: 'hm', status: 'success' });
    assert.equal(row.turns.length, 11);
    assert.equal(row.outcome.status, 'turnLimit');
  });

  it('boxes asked for again are counted', () => {
    const call = message('assistant', '<tool_call>{"name": "z", "arguments": {"bbox_2d": [1, 2, 3, 4]}}');
    const crop = message('user', [blank, text('again')]);
    const row = readGood(reader, {
      pred_output: [...asked, call, crop, call, crop, call, crop],
      pred_ans: '',
    });
    const facts = trajectoryFacts(row);
    assert.deepEqual([facts.zoomCount, facts.toolCalls, facts.repeatedBoxes], [3, 3, 2]);
    assert.equal(facts.modelTokens, undefined);
  });

  it('an error without a turn of its own recovers none', () => {
    const answer = message('assistant', '<tool_call>{"arguments": {}}');
    const row = readGood(reader, {
      pred_output: [...asked, answer],
      pred_ans: '<tool_call>{"arguments": {}}',
      status: 'error',
    });
    assert.deepEqual(
      row.turns.map((turn) => turn.recovered),
      [undefined],
    );
  });

  it('an image that was not emptied is kept by its hash', () => {
    const png = { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } };
    const result = readValue(reader, { pred_output: [message('user', [png])], pred_ans: '' });
    assert.ok(result.status === 'ok');
    const [image] = result.trajectory.prompt.images;
    assert.ok(image?.kind === 'inline');
    assert.equal(result.images.get(image.hash)?.length, 8);
  });

  it('acc that is no number is no verdict', () => {
    for (const acc of [null, 'maybe', [], NaN]) {
      assert.equal(readGood(reader, { pred_output: [], pred_ans: '', acc }).verdict, undefined);
    }
    assert.deepEqual(readGood(reader, { pred_output: [], pred_ans: '', acc: '1.0' }).verdict?.correct, true);
  });
});

describe('DeepEyes evaluation: bad input', () => {
  it('says what was expected and what was found', () => {
    const reason = (value: unknown): string => {
      const result = readValue(reader, value);
      return result.status === 'bad' ? result.reason : 'good';
    };
    assert.equal(reason([1]), 'A record is an object, but this line holds a list.');
    assert.equal(reason({ pred_output: 'x' }), 'The field "pred_output" should be a list, but is a text.');
    assert.equal(reason(undefined), 'A record is an object, but this line holds nothing.');
  });

  it('messages of any shape do not throw, and are counted', () => {
    const row = readGood(reader, {
      pred_output: [
        1,
        null,
        [],
        { role: 1 },
        { role: 'assistant' },
        message('user', [1, null, 'a', { text: 1 }]),
      ],
    });
    assert.equal(row.extras.get('unreadable messages'), 4);
    assert.equal(row.turns.length, 1);
  });
});
