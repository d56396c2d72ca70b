import type { RewardFormula } from '../../analysis/rewardFormula';
import { ALL_FORMULAS, AS_RECORDED, REWARD_FORMULAS } from '../../analysis/rewardFormula';
import { h } from '../shared/dom';
import type { Store } from '../shared/store';
import type { Controller } from './controller';
import type { PageState } from './pageState';

const FAMILIES: readonly (readonly [title: string, has: (formula: RewardFormula) => boolean])[] = [
  ['As released', (formula) => REWARD_FORMULAS.includes(formula)],
  ['Older', ({ label }) => label.startsWith('DeepEyes, older')],
  ['DeepEyesV2', ({ label }) => label.startsWith('DeepEyesV2')],
  ['Ablation of the paper', ({ label }) => label.startsWith('Ablation')],
];

function option({ name, label }: Pick<RewardFormula, 'name' | 'label'>): HTMLElement {
  return h('option', { value: name }, label);
}

/** The choice of the formula that rewards are shown by, here, in the list and among siblings. */
export function rewardChoice(store: Store<PageState>, controller: Controller): HTMLSelectElement {
  const select = h(
    'select',
    {
      class: 'formula-choice small',
      'aria-label': 'Reward formula',
      title: 'Formula by which rewards are shown, in the list as well',
      onchange: () => void controller.useFormula(select.value),
    },
    option({ name: AS_RECORDED, label: 'as recorded' }),
    ...FAMILIES.map(([title, has]) =>
      h('optgroup', { label: title }, ...ALL_FORMULAS.filter(has).map(option)),
    ),
  );
  store.watch(
    ({ shownFormula }) => shownFormula,
    (formula = AS_RECORDED) => (select.value = formula),
  );
  return select;
}
