import type { PartView, ToolCallView } from '../../protocol/trajectoryView';
import { h, icon, type Child } from '../shared/dom';
import { textBlock, textLine } from '../shared/fileText';
import type { Step } from './readingOrder';
import { turnTone } from './readingOrder';
import type { NodeContext } from './treeNode';
import { isLong, makeFoldable, partNode, rail } from './treeNode';
import { heatOf } from './tokenHeat';
import type { Disclosure } from './treeDisclosure';
import { disclosure } from './treeDisclosure';
import { boxWords, callRemarks, countWords, iouWords } from './words';

function callLine(call: ToolCallView): Child[] {
  if (call.status === 'unparsable') return [h('span', { class: 'soft' }, 'unparsable call')];
  return [
    textLine(call.name ?? 'no name', 'call-name', 80),
    call.box && h('span', { class: 'number call-numbers' }, ` [${boxWords(call.box)}]`),
    call.angle !== undefined && h('span', { class: 'number' }, ` ${call.angle}°`),
    call.label !== undefined && h('span', { class: 'soft' }, ' "', textLine(call.label, '', 160), '"'),
  ];
}

function remarkLines(call: ToolCallView): HTMLElement[] {
  return callRemarks(call).map((remark) =>
    h(
      'div',
      { class: `call-remark small words tone-${remark.problem ? 'red' : 'yellow'}` },
      icon(remark.problem ? 'error' : 'info'),
      textLine(remark.text, '', 600),
    ),
  );
}

/** The text of a call that could be read, folded: its line shows the arguments that boxes are made of, and no others. */
function writtenText(
  call: ToolCallView,
): { readonly text: HTMLElement; readonly fold: Disclosure } | undefined {
  if (call.status === 'unparsable' || call.text.trim() === '') return undefined;
  const text = textBlock(call.text.trim(), 'node-body mono call-written');
  return { text, fold: disclosure('as written', text, `call-written-${call.number}`) };
}

/** A tool call: number, name, box, label, and what became of it. Its observation comes to hang under it. */
export function callNode(
  step: Step,
  view: Extract<PartView, { kind: 'toolCall' }>,
  context: NodeContext,
): HTMLElement {
  const { call } = view;
  const rotate = call.report?.tool === 'rotate' || call.angle !== undefined;
  const heat = heatOf(view, context);
  const written = heat ? undefined : writtenText(call);
  const node = partNode(
    {
      part: step.part,
      level: 2,
      kind: 'tool-call',
      label: 'Tool call',
      call: call.number,
      tone: turnTone(step.turn),
    },
    context,
    rail(call.status === 'unparsable' ? 'warning' : rotate ? 'sync' : 'zoom-in'),
    h(
      'div',
      { class: 'call-box', 'data-scroll': true },
      h('span', { class: 'badge' }, String(call.number)),
      h('span', { class: 'call-line' }, ...callLine(call)),
      call.iou !== undefined && h('span', { class: 'small number' }, iouWords(call.iou)),
      !view.closed && h('span', { class: 'small words tone-yellow' }, 'never closed'),
      written?.fold.button,
      view.tokens !== undefined &&
        h('span', { class: 'node-tokens small number' }, countWords(view.tokens, 'token')),
    ),
    ...remarkLines(call),
  );
  if (heat) node.append(heat);
  else if (written) {
    node.append(written.text);
    context.addFold(step.part, () => written.fold.toggle());
  } else if (call.status === 'unparsable' && call.text.trim()) {
    const body = textBlock(call.text.trim(), 'node-body mono');
    node.append(body);
    if (isLong(call.text)) node.append(makeFoldable(node, body, step.part, context));
  }
  return node;
}
