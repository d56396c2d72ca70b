import type { TrajectoryView } from '../../protocol/trajectoryView';
import type { RewardPart, UnknownPart } from '../../trajectory/reward';
import { h } from '../shared/dom';
import { visibleLine } from '../shared/visibleText';
import { fact, factFrom, ground, soft, withGrounds } from './detailsRow';
import { contribution } from './rewardBar';
import { formulaLabel } from './rewardFormulaWords';
import { numberWords, rewardWords } from './words';

function unknownFact({ name, reason, replies }: UnknownPart): HTMLElement {
  const row = fact(visibleLine(name, 40), h('span', { class: 'unknown' }, 'unknown'));
  return withGrounds(row, reason, replies);
}

function partFact(part: RewardPart, isTold: boolean): HTMLElement {
  const product =
    part.weight === undefined ? '' : ` = ${rewardWords(part.value)} × ${numberWords(part.weight)}`;
  const row = factFrom(
    visibleLine(part.name, 40),
    part.provenance,
    h('span', { class: 'number amount' }, rewardWords(contribution(part))),
    h('span', { class: 'product number soft' }, product),
  );
  return withGrounds(row, isTold ? undefined : part.reason, part.replies);
}

const ORDER = ['accuracy', 'format', 'tool'];

/** The parts of DeepEyes' formula as it has them, whether they are known or not; any others behind them. */
function inOrder<P extends { readonly name: string }>(parts: readonly P[]): P[] {
  const place = ({ name }: P): number => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  return [...parts].sort((a, b) => place(a) - place(b));
}

/** Total and parts of a reward, each with where it comes from; none is made up. */
export function rewardFacts(trajectory: TrajectoryView): HTMLElement[] {
  const { reward, recordedReward, form } = trajectory;
  if (!reward) return [];
  const total =
    reward.total === undefined
      ? fact('Total', h('span', { class: 'unknown' }, 'unknown'))
      : factFrom(
          'Total',
          reward.totalProvenance ?? 'stored',
          h('b', { class: 'number' }, rewardWords(reward.total)),
        );
  const candidates = reward.candidates ?? [];
  return [
    total,
    ...(recordedReward === undefined
      ? []
      : [factFrom('In the record', 'stored', h('span', { class: 'number' }, rewardWords(recordedReward)))]),
    ...inOrder([...reward.parts, ...(reward.unknown ?? [])]).map((part) =>
      'value' in part ? partFact(part, form !== undefined && part.name === 'format') : unknownFact(part),
    ),
    ...(candidates.length === 0
      ? []
      : [
          fact(
            'Parts',
            soft(
              `unknown: ${candidates.length} formulas explain the total (${visibleLine(candidates.join(', '), 160)})`,
            ),
          ),
        ]),
  ];
}

/** Whether the response keeps its form, and which counts do not match. */
export function formFact({ form, reward }: TrajectoryView): HTMLElement[] {
  if (!form) return [];
  const { errors } = form;
  const words =
    errors.length === 0
      ? soft('no error')
      : h(
          'b',
          { class: 'words tone-red' },
          errors.length === 1 ? 'one error' : `${numberWords(errors.length)} errors`,
        );
  const row = factFrom('Form', 'recomputed', words);
  row.title = `By the checks of ${formulaLabel(form.formula)}`;
  for (const error of errors) row.append(ground(visibleLine(error, 300)));
  const kept = reward?.parts.find(({ name, provenance }) => name === 'format' && provenance !== 'recomputed');
  const isBroken = kept && kept.value < 0;
  if (kept && isBroken !== errors.length > 0 && kept.value <= 0)
    row.append(
      ground(
        h(
          'span',
          { class: 'words tone-yellow' },
          isBroken
            ? 'The reward has a fault of form all the same.'
            : 'The reward has no fault of form all the same.',
        ),
      ),
    );
  return [row];
}
