import type { Field, FieldTable } from '../analysis/expression/field';
import { ROLLOUT_FIELDS } from '../analysis/expression/rolloutFields';
import type { Pairing } from '../analysis/compare/pairRollouts';
import { NO_ROW } from '../analysis/compare/pairRollouts';
import type { Side } from '../protocol/compareView';

/** The fields of two logs' rollouts by the rows of their pairing, with `a.` and `b.` before their names. */
export function pairFields(
  pairing: Pairing,
  tables: Readonly<Record<Side, FieldTable<number>>>,
): FieldTable<number> {
  return (['a', 'b'] as const).flatMap((side) => {
    const rows = pairing[side];
    return ROLLOUT_FIELDS.map(({ name }) => {
      const field = tables[side].find((candidate) => candidate.name === name);
      if (!field) throw new Error(`The table has no field ${name}.`);
      const read = (row: number): unknown => {
        const record = rows[row] ?? NO_ROW;
        return record === NO_ROW ? undefined : field.read(record);
      };
      return { ...field, name: `${side}.${name}`, read } as Field<number>;
    });
  });
}
