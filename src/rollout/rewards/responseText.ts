import type { Trajectory } from '../../trajectory/trajectory';

/** Everything behind the prompt, observations included, as far as the record has it; recovered turns are left out. */
export function responseText({ turns }: Pick<Trajectory, 'turns'>): string {
  return turns
    .filter(({ recovered }) => recovered !== true)
    .map(({ raw, observation }) => raw + (observation?.raw ?? ''))
    .join('');
}
