import { AS_RECORDED, rewardFormula } from '../../analysis/rewardFormula';
import { visibleLine } from '../shared/visibleText';

/** A formula for people: where it comes from and what it adds up; the bare name of one that is not known here. */
export function formulaLabel(name: string): string {
  return rewardFormula(name)?.label ?? visibleLine(name, 80);
}

/** What the live region says when a formula was chosen. */
export function formulaWords(name: string): string {
  return name === AS_RECORDED ? 'Rewards as recorded' : `Rewards by ${formulaLabel(name)}`;
}
