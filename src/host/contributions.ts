/*
 * Every id that package.json contributes and the code answers for, written once. test/architecture.test.ts compares the
 * tables with the manifest, so that neither side can name what the other does not have.
 */

/** Commands, all in the category iMCoT. */
export const COMMANDS = {
  openLog: 'imcot.openLog',
  openAsTrajectories: 'imcot.openAsTrajectories',
  chooseImageFolder: 'imcot.chooseImageFolder',
  chooseTruthBoxes: 'imcot.chooseTruthBoxes',
  revealRecord: 'imcot.revealRecord',
  exportRollout: 'imcot.exportRollout',
  showLog: 'imcot.showLog',
  showDynamics: 'imcot.showDynamics',
  compareRollouts: 'imcot.compareRollouts',
  openLogFile: 'imcot.openLogFile',
  unloadModel: 'imcot.unloadModel',
  modelActions: 'imcot.modelActions',
  runRollout: 'imcot.runRollout',
  runAgain: 'imcot.runAgain',
  stopRollout: 'imcot.stopRollout',
  runQuestions: 'imcot.runQuestions',
  openDemo: 'imcot.openDemo',
  addModel: 'imcot.addModel',
  removeModel: 'imcot.removeModel',
  setServerKey: 'imcot.setServerKey',
  loadModel: 'imcot.loadModel',
  stopModel: 'imcot.stopModel',
  connectServer: 'imcot.connectServer',
  disconnectServer: 'imcot.disconnectServer',
  refreshModels: 'imcot.refreshModels',
  openRun: 'imcot.openRun',
  revealRun: 'imcot.revealRun',
  refreshRuns: 'imcot.refreshRuns',
  addRunFolder: 'imcot.addRunFolder',
  removeRunFolder: 'imcot.removeRunFolder',
} as const;

/** Settings by their full names. */
export const SETTINGS = {
  imageRoots: 'imcot.imageRoots',
  rewardFormula: 'imcot.rewardFormula',
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
  rolloutTemperature: 'imcot.rollout.temperature',
  rolloutMaxTurns: 'imcot.rollout.maxTurns',
  rolloutMaxTokens: 'imcot.rollout.maxTokens',
} as const;

/** Containers of views. */
export const VIEW_CONTAINERS = {
  main: 'imcot',
} as const;

/** Views. */
export const VIEWS = {
  runs: 'imcot.runs',
  models: 'imcot.models',
} as const;

/** Walkthroughs. */
export const WALKTHROUGHS = {
  start: 'imcot.start',
} as const;

/** View types of the custom editors. */
export const CUSTOM_EDITORS = {
  trajectory: 'imcot.trajectory',
  dynamics: 'imcot.dynamics',
  logFile: 'imcot.logFile',
} as const;

/** View types of panels, which the manifest names where it says what activates the extension. */
export const WEBVIEW_PANELS = {
  dynamics: 'imcot.dynamicsPanel',
  compare: 'imcot.comparePanel',
} as const;

/** Keys under which the extension remembers something in a workspace. */
export const WORKSPACE_STATE = {
  /** Absolute paths of the image folders that a person chose, the latest first. */
  chosenImageFolders: 'chosenImageFolders',
  /** Absolute path of the file of ground-truth boxes that a person chose. */
  chosenTruthFile: 'chosenTruthFile',
  /** Questions that a person asked, the latest first. */
  askedQuestions: 'askedQuestions',
  /** Id of the model that was used last. */
  lastModel: 'lastModel',
  /** Batches that have not come to their end. */
  unfinishedBatches: 'unfinishedBatches',
  /** Logs of rollouts that a person has linked, by the source path of the run. */
  rolloutLinks: 'rolloutLinks',
  /** What panels of curves show: their paths by the id that the page keeps. */
  openedDynamics: 'openedDynamics',
  /** What panels of two logs show: their addresses by the id that the page keeps. */
  openedComparisons: 'openedComparisons',
  /** Absolute paths of folders that the tree of runs shows besides those of the workspace. */
  runFolders: 'runFolders',
} as const;

/** Context keys that menus ask for. */
export const CONTEXT_KEYS = {
  /** Whether logs have been looked for. */
  runsListed: 'imcot.runsListed',
  /** Whether the models have been looked for. */
  modelsListed: 'imcot.modelsListed',
  /** Whether any run goes on. */
  rolloutsRunning: 'imcot.rolloutsRunning',
  /** Paths of the logs that runs write to, as the editor writes a resource's path. */
  runningLogs: 'imcot.runningLogs',
} as const;

/** Id of a command of ours. */
export type CommandId = (typeof COMMANDS)[keyof typeof COMMANDS];
