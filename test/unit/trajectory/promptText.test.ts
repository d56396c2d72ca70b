import assert from 'node:assert/strict';
import { optionsOf, promptOfText, questionOf } from '../../../src/trajectory/promptText';

const SUFFIX =
  '\nThink first, call **image_zoom_in_tool** if needed, then answer. Format strictly as:  <think>...</think> ';
const USER = `Question: What is the color of the mug?\nOptions: \nA. red\nB. white\n\n${SUFFIX}`;

describe('questionOf', () => {
  it('drops options and instructions', () => {
    assert.equal(questionOf(USER), 'What is the color of the mug?');
  });
  it('drops the instructions of v5', () => {
    assert.equal(
      questionOf('Which?\nThink in the mind first, and then decide whether to call tools one'),
      'Which?',
    );
  });
  it('leaves other texts as they are, but for blanks around', () => {
    assert.equal(questionOf(' What Options: are there? '), 'What Options: are there?');
  });
});

describe('optionsOf', () => {
  it('gives what stands between question and instructions, if anything', () => {
    assert.equal(optionsOf(USER), 'A. red\nB. white');
    assert.equal(optionsOf(`Question: Which?\nOptions: \n\n${SUFFIX}`), undefined);
    assert.equal(optionsOf('What is it?\nOptions: none of ours'), undefined);
    assert.equal(optionsOf('Question: Which?\nOptions: \nA. red\nB. blue\n\nBe brief.'), 'A. red\nB. blue');
    assert.equal(optionsOf(''), undefined);
  });
});

describe('promptOfText', () => {
  const pads = `<|vision_start|>${'<|image_pad|>'.repeat(108)}<|vision_end|>`;

  it('takes apart a prompt with special tokens', () => {
    const raw = `<|im_start|>system\nYou help.<|im_end|>\n<|im_start|>user\n${pads}${pads}${USER}<|im_end|>\n<|im_start|>assistant\n`;
    const prompt = promptOfText(raw);
    assert.equal(prompt.system, 'You help.');
    assert.equal(prompt.user, USER);
    assert.equal(prompt.question, 'What is the color of the mug?');
    const image = { kind: 'blank', visualTokens: 108 };
    assert.deepEqual(prompt.images, [image, image]);
    assert.equal(prompt.raw, raw);
  });

  it('takes apart a prompt without them, of which the lines of the roles remain', () => {
    const prompt = promptOfText(`system\nYou help.\nuser\n${USER}\nassistant\n`);
    assert.equal(prompt.system, 'You help.');
    assert.equal(prompt.user, USER);
    assert.deepEqual(prompt.images, [{ kind: 'blank' }]);
  });

  it('takes anything else for the text of the user', () => {
    const prompt = promptOfText('<image>What is 1 + 1?');
    assert.equal(prompt.system, undefined);
    assert.equal(prompt.user, 'What is 1 + 1?');
    assert.deepEqual(prompt.images, [{ kind: 'blank' }]);
    assert.deepEqual(promptOfText('What is 1 + 1?').images, []);
  });
});
