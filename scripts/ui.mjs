// npm run ui: a real VS Code in the browser, with the extension and the samples open, until Ctrl+C. Needs no desktop VS
// Code. `npm run ui -- PLACE` opens another folder, or the workspace of a log; IMCOT_UI_PORT chooses the port.
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { fail, inRoot, ROOT, say } from './lib/run.mjs';
import { build, ensureCodeServer, ensureModules } from './setup.mjs';

/** The workspace of a log: rollouts made in one lie in its `.imcot`, and their pictures beside that. */
function workspaceOf(file) {
  const parts = path.dirname(file).split(path.sep);
  const own = parts.lastIndexOf('.imcot');
  return own > 0 ? parts.slice(0, own).join(path.sep) : path.dirname(file);
}

const place = process.argv[2] ? path.resolve(process.argv[2]) : inRoot('media/demo/samples');
if (!existsSync(place)) fail(`there is no ${place}`);
const folder = statSync(place).isFile() ? workspaceOf(place) : place;
// The workbench could be told to open the file itself, but does so before it knows the extension: as plain text.
const what =
  folder === place ? '' : `Open ${path.relative(folder, place)} there: it is in the tree on the left.\n`;
try {
  await ensureModules();
  ensureCodeServer();
  await build();
  const { startServer } = await import('../test/host/server.mjs');
  const { workbenchUrl } = await import('../test/host/driver.mjs');
  const port = process.env.IMCOT_UI_PORT ? Number(process.env.IMCOT_UI_PORT) : undefined;
  // The folder is the user's own choice: no question about trust stands in the way of a first look.
  const server = await startServer({ trust: false, port });
  say(
    `VS Code with the extension stands at\n\n  ${workbenchUrl(server, { folder, extension: ROOT })}\n\n${what}Ctrl+C ends it.`,
  );
  const end = async () => {
    await server.stop();
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void end());
  server.child.on('exit', (code) => fail(`the server ended by itself (${code})`));
} catch (error) {
  fail(error.message);
}
