import type { Field, FieldTable } from '../analysis/expression/field';
import type { RolloutFields } from '../analysis/expression/rolloutFields';
import { ROLLOUT_FIELDS } from '../analysis/expression/rolloutFields';
import { rewardFormula } from '../analysis/rewardFormula';
import type { AnyColumn, ColumnState } from './column';
import { columnOf } from './column';
import type { RecordFields } from './recordFields';
import { BASIS_FIELDS } from './recordFields';
import type { RewardFieldName } from './rewardRows';
import { REWARD_FIELDS, RewardRows } from './rewardRows';
import { RowGroups } from './rowGroups';

/** Fields that follow from the rows of a whole group. */
type GroupFieldName = 'groupSize' | 'groupMean' | 'groupSpread' | 'deadGroup' | 'advantage';
type NumberReader = (groups: RowGroups, row: number) => number | undefined;

const GROUP_NUMBERS: Readonly<Record<Exclude<GroupFieldName, 'deadGroup'>, NumberReader>> = {
  groupSize: (groups, row) => groups.spreadOf(row)?.count,
  groupMean: (groups, row) => groups.spreadOf(row)?.mean,
  groupSpread: (groups, row) => groups.spreadOf(row)?.deviation,
  advantage: (groups, row) => groups.advantageOf(row),
};
/** Names of the fields that need the rows of a whole group. */
export const GROUP_FIELDS: readonly string[] = [...Object.keys(GROUP_NUMBERS), 'deadGroup'];

/** Fields that are kept; the rest is known by the row's number or by its group. */
const KEPT_FIELDS: FieldTable<RecordFields> = [
  ...ROLLOUT_FIELDS.filter(({ name }) => name !== 'index' && !GROUP_FIELDS.includes(name)),
  ...BASIS_FIELDS,
];

/** A table as it is kept between sessions. */
export interface TableState {
  readonly count: number;
  readonly columns: readonly ColumnState[];
}

/** What is kept changes its form with the list of fields. */
export const TABLE_FORM = KEPT_FIELDS.map((field) =>
  field.type === 'names' ? `${field.name}:${field.values.join(',')}` : `${field.name}:${field.type}`,
).join(' ');

/**
 * The fields of all records of a log, column by column: about 150 bytes for each record, and its texts. Row `n` is record
 * `n`; of a record that can't be read nothing else is recorded.
 */
export class RowTable {
  private readonly columns = new Map<string, AnyColumn>();
  private length = 0;
  private groups: RowGroups | undefined;
  private rewards: RewardRows | undefined;
  /** All fields, read by the number of a row. */
  readonly fields: FieldTable<number>;

  constructor() {
    for (const field of KEPT_FIELDS) this.columns.set(field.name, columnOf(field));
    this.fields = ROLLOUT_FIELDS.map((field) => this.fieldOf(field));
  }

  /** Rows. */
  get count(): number {
    return this.length;
  }

  /** Appends a record. */
  add(values: RecordFields): void {
    for (const field of KEPT_FIELDS) {
      const column = this.columns.get(field.name) as { set(row: number, value: unknown): void };
      column.set(this.length, field.read(values));
    }
    this.length++;
    this.groups = undefined;
  }

  /**
   * From now on rewards, and what follows from them, are by a formula; as the log has them where there is none of that name.
   */
  useFormula(name: string | undefined): void {
    if (name === this.rewards?.formula.name) return;
    const formula = name === undefined ? undefined : rewardFormula(name);
    this.rewards = formula && new RewardRows(formula, (column, row) => this.read(column, row));
    this.groups = undefined;
  }

  /** The reward of a row. */
  rewardOf(row: number): number | undefined {
    return this.rewards ? this.rewards.at(row).reward : this.read('reward', row);
  }

  /** Leaves only the first rows: those behind are read again. */
  cut(count: number): void {
    if (count === this.length) return;
    this.length = count;
    this.groups = undefined;
    this.rewards?.cut(count);
  }

  /** The column of a field that is kept. */
  column(name: string): AnyColumn | undefined {
    return this.columns.get(name);
  }

  /** Which rows belong together, worked out anew after rows came: at once, which takes long where `grouping` was not run. */
  grouped(): RowGroups {
    const work = this.grouping();
    while (!this.groups) work.next();
    return this.groups;
  }

  /** Works that out, unless it is known. Yields often. */
  *grouping(): Generator<void, void, void> {
    if (this.groups) return;
    const { length, rewards } = this;
    const groups = yield* RowGroups.of(length, {
      key: (row) => this.read('group', row),
      step: (row) => this.read('step', row),
      reward: (row) => this.rewardOf(row),
    });
    // More may have been read meanwhile, or another formula chosen.
    if (length === this.length && rewards === this.rewards) this.groups = groups;
  }

  /** What can be kept of the first rows. */
  state(count: number): TableState {
    return { count, columns: KEPT_FIELDS.map(({ name }) => this.kept(name).state(count)) };
  }

  /** Takes back what was kept under the same `TABLE_FORM`. */
  restore({ count, columns }: TableState): void {
    KEPT_FIELDS.forEach(({ name }, at) => {
      const state = columns[at];
      if (state) this.kept(name).restore(state);
    });
    this.length = count;
    this.groups = undefined;
  }

  private kept(name: string): AnyColumn {
    const column = this.columns.get(name);
    if (!column) throw new Error(`No column is named ${name}.`);
    return column;
  }

  private read<T>(name: string, row: number): T | undefined {
    return this.kept(name).get(row) as T | undefined;
  }

  private fieldOf(field: Field<RolloutFields>): Field<number> {
    const { name } = field;
    const column = this.columns.get(name);
    const group = GROUP_NUMBERS[name as keyof typeof GROUP_NUMBERS] as NumberReader | undefined;
    let read: (row: number) => unknown;
    if (isRewardField(name))
      read = (row) => (this.rewards ? this.rewards.at(row)[name] : this.read(name, row));
    else if (column) read = (row) => column.get(row);
    else if (group) read = (row) => group(this.grouped(), row);
    else if (name === 'deadGroup') read = (row) => this.grouped().spreadOf(row)?.isDead;
    else read = (row) => row;
    return { ...field, read } as Field<number>;
  }
}

function isRewardField(name: string): name is RewardFieldName {
  return (REWARD_FIELDS as readonly string[]).includes(name);
}
