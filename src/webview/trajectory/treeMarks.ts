import type { PartView } from '../../protocol/trajectoryView';
import { h, icon } from '../shared/dom';
import { textLine } from '../shared/fileText';

/** Marks at a part where its text and the file contradict each other, each with its sentence. */
export function contradictionMarks({ contradictions = [] }: PartView): HTMLElement[] {
  return contradictions.map((sentence) =>
    h(
      'div',
      { class: 'call-remark contradiction small words tone-yellow' },
      icon('report', 'contradiction'),
      textLine(sentence, '', 600),
    ),
  );
}
