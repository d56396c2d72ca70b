import assert from 'node:assert/strict';
import type { ImcotError } from '../../../../src/common/errors';
import { SYSTEM_PROMPT_V1, SYSTEM_PROMPT_V2 } from '../../../../src/rollout/prompts/deepEyesPrompts';
import { PLAIN } from '../../../../src/rollout/protocols/deepEyes';
import { IMAGE_TOOLS, toolOf, withDeclaredTools } from '../../../../src/rollout/tools/toolRegistry';
import { playScript } from '../support/rolloutLog';
import { rotateCall, zoomCall } from './toolCalls';

const isUsage = (error: ImcotError): boolean => error.code === 'usage';

describe('tool registry', () => {
  it('has each tool once, with a declaration of its own name', () => {
    assert.deepEqual(
      IMAGE_TOOLS.map(({ name }) => name),
      ['image_zoom_in_tool', 'image_rotate_tool'],
    );
    for (const { name, declaration } of IMAGE_TOOLS) {
      const read = JSON.parse(declaration) as {
        function: { name: string; parameters: { required: string[] } };
      };
      assert.equal(read.function.name, name);
      assert.equal(read.function.parameters.required.length, 1);
      assert.ok(!declaration.includes('\n'));
    }
  });

  it('takes the tool that a call names only where the variant runs it', () => {
    assert.equal(toolOf(rotateCall(90), 'trainingV2').name, 'image_rotate_tool');
    assert.equal(toolOf(rotateCall(90), 'evaluation').name, 'image_zoom_in_tool');
    assert.equal(toolOf(zoomCall([0, 0, 1, 1]), 'trainingV5').name, 'image_zoom_in_tool');
  });

  it('declares a tool as a further line, once, and leaves the rest of the text as it is', () => {
    const text = withDeclaredTools(SYSTEM_PROMPT_V2, [
      'image_rotate_tool',
      'image_rotate_tool',
      'image_zoom_in_tool',
    ]);
    const before = SYSTEM_PROMPT_V2.split('\n');
    const after = text.split('\n');
    const added = after.filter((line) => !before.includes(line));
    assert.equal(added.length, 1);
    assert.equal(
      (JSON.parse(added[0] ?? '') as { function: { name: string } }).function.name,
      'image_rotate_tool',
    );
    assert.equal(after[after.indexOf(added[0] ?? '') + 1], '</tools>');
    assert.deepEqual(
      after.filter((line) => line !== added[0]),
      before,
    );
    assert.equal(withDeclaredTools(SYSTEM_PROMPT_V1, ['image_rotate_tool']), SYSTEM_PROMPT_V1);
  });

  it('refuses names that are no tool, and texts without tools', async () => {
    assert.throws(() => withDeclaredTools(SYSTEM_PROMPT_V2, ['image_flip_tool']), isUsage);
    assert.throws(() => withDeclaredTools('You help.', ['image_rotate_tool']), isUsage);
    const settings = { declare: ['image_rotate_tool'] };
    await assert.rejects(playScript({ protocol: PLAIN, settings, turns: [] }), isUsage);
  });

  it('is what the model reads and the log keeps', async () => {
    const settings = { declare: ['image_rotate_tool'] };
    const { sequence, trajectory } = await playScript({ settings, turns: [{ says: '<answer>B</answer>' }] });
    const system = withDeclaredTools(SYSTEM_PROMPT_V2, settings.declare);
    assert.ok(sequence.context.startsWith(`<|im_start|>system\n${system}<|im_end|>\n`));
    assert.equal(trajectory.prompt.system, system);
  });
});
