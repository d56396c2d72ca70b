import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { TurnSemantics } from '../../../src/trajectory/environment';
import { parseTurn } from '../../../src/trajectory/parseTurn';
import type { ModelPart } from '../../../src/trajectory/turn';

const ALL: readonly TurnSemantics[] = ['trainingV2', 'trainingV5', 'evaluation'];
const CALL = '{"name": "image_zoom_in_tool", "arguments": {"bbox_2d": [1, 2, 30, 40]}}';
const OTHER = '{"name": "image_zoom_in_tool", "arguments": {"bbox_2d": [5, 6, 70, 80], "label": "cap"}}';
const tag = (name: string, inner: string): string => `<${name}>${inner}</${name}>`;

const shape = (parts: readonly ModelPart[]): string[] =>
  parts.map(
    (part) =>
      `${part.kind}${part.closed ? '' : ' open'}${part.kind === 'toolCall' && part.acted ? ' acted' : ''}: ${part.text}`,
  );
const parts = (text: string, semantics: TurnSemantics): string[] => shape(parseTurn(text, semantics).parts);
const actedTexts = (text: string, semantics: TurnSemantics): string[] =>
  parseTurn(text, semantics).decision.acted.map((span) => text.slice(span.inner.start, span.inner.end));

describe('parseTurn: training v2', () => {
  const ends = (text: string): boolean => parseTurn(text, 'trainingV2').decision.ends;

  it('the last match of <answer>(.*?)</answer>, if it is non-empty, ends the episode: the answer beats the call', () => {
    const text = `${tag('tool_call', CALL)}${tag('answer', 'white')}`;
    assert.deepEqual(parts(text, 'trainingV2'), [`toolCall: ${CALL}`, 'answer: white']);
    assert.deepEqual(actedTexts(text, 'trainingV2'), []);
    assert.equal(ends(text), true);
  });

  it('an empty last answer does not end it, even after a full one', () => {
    const text = `${tag('answer', 'white')}${tag('answer', '')}${tag('tool_call', CALL)}`;
    assert.deepEqual(actedTexts(text, 'trainingV2'), [CALL]);
    assert.equal(ends(text), false);
  });

  it('a blank answer is not an empty one', () => {
    assert.equal(ends(`${tag('answer', ' ')}${tag('tool_call', CALL)}`), true);
  });

  it('else the LAST <tool_call>(.*?)</tool_call> is acted on', () => {
    const text = `${tag('tool_call', CALL)} and ${tag('tool_call', OTHER)}<|im_end|>`;
    assert.deepEqual(parts(text, 'trainingV2'), [
      `toolCall: ${CALL}`,
      'text:  and ',
      `toolCall acted: ${OTHER}`,
    ]);
    assert.equal(ends(text), false);
  });

  it('an UNCLOSED tool call ends the episode', () => {
    const text = `<think>look</think>\n<tool_call>\n${CALL}\n<|im_end|>`;
    assert.deepEqual(parts(text, 'trainingV2'), ['thought: look', `toolCall open: \n${CALL}\n`]);
    assert.equal(ends(text), true);
  });

  it('an empty tool call is none', () => {
    assert.deepEqual(actedTexts('<tool_call></tool_call>', 'trainingV2'), []);
    assert.equal(ends('<tool_call></tool_call>'), true);
  });

  it('a call starts at the first free opening tag, as re.findall sees it', () => {
    const text = `<tool_call>x<tool_call>${CALL}</tool_call>`;
    assert.deepEqual(parts(text, 'trainingV2'), [`toolCall acted: x<tool_call>${CALL}`]);
    const [part] = parseTurn(text, 'trainingV2').parts;
    assert.ok(part?.kind === 'toolCall' && part.call.status === 'unparsable');
    assert.equal(part.call.error, 'Expecting value: line 1 column 1 (char 0)');
  });

  it('json.loads errors leave the episode going, with its words', () => {
    const text = tag('tool_call', '\n{"name": "x"\n');
    const [part] = parseTurn(text, 'trainingV2').parts;
    assert.ok(part?.kind === 'toolCall' && part.call.status === 'unparsable' && part.acted);
    assert.equal(part.call.error, "Expecting ',' delimiter: line 1 column 13 (char 12)");
    assert.equal(part.call.text, '\n{"name": "x"\n');
    assert.equal(ends(text), false);
  });

  it('no tags at all end it', () => {
    assert.deepEqual(parts('just words', 'trainingV2'), ['text: just words']);
    assert.equal(ends('just words'), true);
  });

  it('searches the WHOLE text: an answer inside a thought ends the episode', () => {
    const text = `<think>so <answer>red</answer> it is</think>${tag('tool_call', CALL)}`;
    assert.deepEqual(parts(text, 'trainingV2'), [
      'thought: so ',
      'answer: red',
      'thought:  it is',
      `toolCall: ${CALL}`,
    ]);
    assert.equal(ends(text), true);
  });
});

describe('parseTurn: training v5', () => {
  it('acts on several calls of one turn, up to three', () => {
    const text = [CALL, OTHER, CALL, OTHER].map((call) => tag('tool_call', call)).join('\n');
    assert.deepEqual(actedTexts(text, 'trainingV5'), [CALL, OTHER, CALL]);
    assert.equal(parts(text, 'trainingV5')[3], `toolCall: ${OTHER}`);
  });

  it('hands an empty call to the JSON parser', () => {
    assert.deepEqual(actedTexts('<tool_call></tool_call>', 'trainingV5'), ['']);
  });
});

describe('parseTurn: evaluation', () => {
  it('takes the text after the FIRST <tool_call> up to </tool_call>', () => {
    const text = `${tag('tool_call', CALL)}${tag('tool_call', OTHER)}`;
    assert.deepEqual(parts(text, 'evaluation'), [`toolCall acted: ${CALL}`, `toolCall: ${OTHER}`]);
  });

  it('or to the end', () => {
    assert.deepEqual(parts(`<think>a</think>  \n<tool_call>\n${CALL}\n`, 'evaluation'), [
      'thought: a',
      `toolCall open acted: \n${CALL}\n`,
    ]);
  });

  it('or to the next <tool_call>', () => {
    assert.deepEqual(actedTexts(`<tool_call>${CALL}<tool_call>${OTHER}</tool_call>`, 'evaluation'), [CALL]);
  });

  it("reads it with Python's eval", () => {
    const [part] = parseTurn(
      "<tool_call>{'name': 'image_zoom_in_tool', 'arguments': {'bbox_2d': (1, 2, 3.5, 4), 'label': None,}}",
      'evaluation',
    ).parts;
    assert.ok(part?.kind === 'toolCall' && part.call.status === 'parsed');
    assert.deepEqual(part.call.box, { x1: 1, y1: 2, x2: 3.5, y2: 4 });
    assert.equal(part.call.label, undefined);
  });

  it('a turn holding both a tool call and </answer> is cropped, and then the loop ends', () => {
    const text = `<think>The answer is:\n<answer>"superhero"</answer>\n</think>  \n<tool_call>\n${CALL}\n`;
    const { parts: found, decision } = parseTurn(text, 'evaluation');
    assert.deepEqual(shape(found), [
      'thought: The answer is:\n',
      'answer: "superhero"',
      `toolCall open acted: \n${CALL}\n`,
    ]);
    assert.equal(decision.ends, true);
    assert.equal(decision.acted.length, 1);
  });

  it('goes on while there is no </answer>, call or not', () => {
    assert.equal(parseTurn('words', 'evaluation').decision.ends, false);
    assert.equal(parseTurn('red</answer>', 'evaluation').decision.ends, true);
  });

  it('needs no name', () => {
    const [part] = parseTurn('<tool_call>{"arguments": {"bbox_2d": [1, 2, 3, 4]}}', 'evaluation').parts;
    assert.ok(part?.kind === 'toolCall' && part.call.status === 'parsed' && part.call.box);
  });
});

describe('parseTurn: odd orders of tags', () => {
  it('a thought that nothing closes reaches to the next tag', () => {
    const text = '<think>\nIt looks red.\n<answer>\nred\n</answer><|im_end|>';
    assert.deepEqual(parts(text, 'trainingV2'), ['thought open: \nIt looks red.\n', 'answer: \nred\n']);
  });

  it('a </think> that nothing opened closes a thought from the start', () => {
    assert.deepEqual(parts('so</think>red', 'trainingV2'), ['thought: so', 'text: red']);
  });

  it('a later stray </think> is dropped', () => {
    assert.deepEqual(parts('<think>a</think>b</think>c', 'trainingV2'), ['thought: a', 'text: b', 'text: c']);
  });

  it('an opening tag inside a closed thought is text of the thought', () => {
    assert.deepEqual(parts('<think>I use <tool_call> now</think>', 'trainingV2'), [
      'thought: I use <tool_call> now',
    ]);
  });

  it('blank text between tags is no part', () => {
    assert.deepEqual(parts(`<think></think>  \n ${tag('answer', 'x')}\n`, 'trainingV2'), [
      'thought: ',
      'answer: x',
    ]);
  });

  it('a call in the answer belongs to the answer when the answer counts', () => {
    assert.deepEqual(parts(tag('answer', tag('tool_call', CALL)), 'trainingV2'), [
      `answer: ${tag('tool_call', CALL)}`,
    ]);
  });
});

const piece = fc.oneof(
  fc.constantFrom(
    '<think>',
    '</think>',
    '<tool_call>',
    '</tool_call>',
    '<answer>',
    '</answer>',
    '<|im_end|>',
    '<|im_start|>',
    ' ',
    '\n',
    CALL,
    "{'name': 'x'}",
    '<think',
    '>',
    '🎈',
    '\ud800',
  ),
  fc.string({ maxLength: 5 }),
);
const hostile = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''));

describe('parseTurn: any text', () => {
  it('parts are ordered, disjoint and byte-exact; outside stand only tags, special tokens and blanks', () => {
    fc.assert(
      fc.property(hostile, fc.constantFrom(...ALL), (text, semantics) => {
        let at = 0;
        const outside: string[] = [];
        for (const part of parseTurn(text, semantics).parts) {
          assert.ok(part.range.start >= at && part.range.end >= part.range.start);
          assert.equal(part.text, text.slice(part.range.start, part.range.end));
          outside.push(text.slice(at, part.range.start));
          at = part.range.end;
        }
        outside.push(text.slice(at));
        for (const rest of outside) {
          assert.match(rest, /^(?:<\/?(?:think|tool_call|answer)>|<\|[a-z_]{1,32}\|>|\s)*$/);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('every call that is acted on is a part, and no other part is marked so', () => {
    fc.assert(
      fc.property(hostile, fc.constantFrom(...ALL), (text, semantics) => {
        const { parts: found, decision } = parseTurn(text, semantics);
        const marked = found.flatMap((part) => (part.kind === 'toolCall' && part.acted ? [part.range] : []));
        assert.deepEqual(
          marked,
          decision.acted.map((span) => span.inner),
        );
      }),
      { numRuns: 3000 },
    );
  });

  it("training decides as the environment's own regular expressions do", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const answer = [...text.matchAll(/<answer>(.*?)<\/answer>/gs)].at(-1)?.[1];
        const call = [...text.matchAll(/<tool_call>(.*?)<\/tool_call>/gs)].at(-1)?.[1];
        const expected = answer ? [] : call ? [call] : [];
        assert.deepEqual(actedTexts(text, 'trainingV2'), expected);
        assert.equal(parseTurn(text, 'trainingV2').decision.ends, expected.length === 0);
      }),
      { numRuns: 3000 },
    );
  });

  it("evaluation decides as the scripts' own splitting does", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const call = text.split('<tool_call>')[1]?.split('</tool_call>')[0];
        assert.deepEqual(actedTexts(text, 'evaluation'), call === undefined ? [] : [call]);
      }),
      { numRuns: 3000 },
    );
  });

  for (const unit of [
    '<tool_call>',
    '<think>',
    '<think>x<tool_call>y',
    '<answer></tool_call>',
    '<tool_call></tool_call>',
    '<tool_call>[',
  ]) {
    it(`takes time in proportion to the text: 300,000 times ${unit}`, () => {
      const text = unit.repeat(300_000);
      for (const semantics of ALL) assert.ok(parseTurn(text, semantics).parts.length <= 31_000);
    }).timeout(30_000);
  }
});
