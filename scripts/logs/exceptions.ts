/*
 * What expected.json names and the readers do not give as it stands there, a sentence each. Nothing else is passed over.
 */

export const EXCEPTIONS = {
  describesWriting: 'Says how the file was written or what it consists of, and is no value of a run.',
  givenToWriter: 'What the writer was given; what stands in the file is listed beside it, and compared.',
  typeOfValue: 'The type that a value had in Python: a console line and JSON keep the number alone.',
  nonFiniteAsNull: "verl's file logger writes null for an infinity: the file does not say which one it was.",
  emptyCell: 'The table has an empty cell: a value that was not a number and none at all look alike.',
  stepColumn: 'The name of the step column: the reader gives its numbers as steps.',
  eventWithoutSummary:
    'Place and time of an event that holds no values (a version, a session mark) are not kept.',
  plugin: "The plugin's name decides how a value is read and is not kept.",
  histogram: 'Histograms are no curves and are not read.',
  image: 'Pictures in event files are not read.',
  hparams: 'Sessions of the hparams plugin hold settings in a form of their own, which is not read.',
  layout: 'The layout of custom charts is not read.',
  recordStepAbsent: 'Old W&B records have no step of their own; the one among their items is compared.',
  consoleStream: 'To which stream a console line was printed is not kept.',
  wandbBookkeeping: "W&B's own bookkeeping (the config key _wandb) is left out.",
  wandbRunFacts: "A run's group, tags and start are not read: they are no values of curves.",
  metricDefinitions: 'Which key W&B draws over which is not read.',
  experimentId: 'An experiment is told by its name, not by its number.',
  databaseSchema: 'The tables of the database: they are read, not told.',
  noteOnly: 'A remark for people.',
  writerSkipped: 'The writer was not run, as expected.json says with its reason: nothing was written.',
  comparedWithFiles: 'The table that all files of the folder hold: it is compared with each of them.',
  partNotTold: 'Two formulas explain the total equally well, so its parts are not in the file.',
  promptCutOff:
    'The prompt was cut off at its front, and the pads of its picture with it: nothing tells the size.',
  pictureName: 'A picture whose bytes stand inside the file needs no name, and its name is not kept.',
} as const;

/** Which of the exceptions. */
export type ExceptionName = keyof typeof EXCEPTIONS;

/** What the readers give and expected.json does not name. */
export const UNNAMED = {
  behindDamage:
    "TensorBoard's reader stops at a damaged record, and expected.json with it; this one goes on behind it.",
  rowWithoutStep: 'A row that has no step; expected.json says so in its note and lists the others.',
  systemMetrics:
    'What the machine was doing while the file was written: expected.json lists the first record at most.',
} as const;

/** Which kind of values that are not named. */
export type UnnamedName = keyof typeof UNNAMED;
