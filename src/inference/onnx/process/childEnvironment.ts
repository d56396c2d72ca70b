/** Variables of an editor that would change what its child does: its own switches, debugging flags, preloaded scripts. */
const NOT_FOR_CHILDREN = /^(VSCODE_|ELECTRON_|NODE_OPTIONS$|NODE_CHANNEL|CHROME_)/;

/**
 * The environment of a model's process: that of this one without what an editor sets for itself, which keeps PATH and the
 * places where GPU libraries are looked for.
 * @param own the environment of this process
 * @param asNode whether the program is an editor's executable, which runs as plain Node only when told to
 * @param extra what to set besides
 */
export function childEnvironment(
  own: NodeJS.ProcessEnv,
  asNode: boolean,
  extra: NodeJS.ProcessEnv = {},
): NodeJS.ProcessEnv {
  const kept = Object.entries(own).filter(([name]) => !NOT_FOR_CHILDREN.test(name));
  return { ...Object.fromEntries(kept), ...(asNode ? { ELECTRON_RUN_AS_NODE: '1' } : {}), ...extra };
}
