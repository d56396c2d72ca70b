/*
 * Every id that package.json contributes and the code answers for, written once. test/architecture.test.ts compares the
 * tables with the manifest, so that neither side can name what the other does not have.
 */

/** Commands, all in the category iMCoT. */
export const COMMANDS = {
  openLog: 'imcot.openLog',
  openAsTrajectories: 'imcot.openAsTrajectories',
  chooseImageFolder: 'imcot.chooseImageFolder',
  revealRecord: 'imcot.revealRecord',
  showLog: 'imcot.showLog',
  unloadModel: 'imcot.unloadModel',
  modelActions: 'imcot.modelActions',
} as const;

/** Settings by their full names. */
export const SETTINGS = {
  imageRoots: 'imcot.imageRoots',
  modelFolders: 'imcot.modelFolders',
  servers: 'imcot.servers',
  provider: 'imcot.inference.provider',
  precision: 'imcot.inference.precision',
  contextLength: 'imcot.inference.contextLength',
  threads: 'imcot.inference.threads',
  cacheFolder: 'imcot.inference.cacheFolder',
  cacheSize: 'imcot.inference.cacheSize',
  sequenceMemory: 'imcot.inference.sequenceMemory',
  idleMinutes: 'imcot.inference.idleMinutes',
  nodeExecutable: 'imcot.inference.nodeExecutable',
  runtimeLibrary: 'imcot.inference.runtimeLibrary',
} as const;

/** View types of the custom editors. */
export const CUSTOM_EDITORS = {
  trajectory: 'imcot.trajectory',
} as const;

/** Keys under which the extension remembers something in a workspace. */
export const WORKSPACE_STATE = {
  /** Absolute paths of the image folders that a person chose, the latest first. */
  chosenImageFolders: 'chosenImageFolders',
} as const;

/** Id of a command of ours. */
export type CommandId = (typeof COMMANDS)[keyof typeof COMMANDS];
