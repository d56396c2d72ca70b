// npm run ui: a real VS Code in the browser, with the extension and the samples open, until Ctrl+C. Needs no desktop VS
// Code. `npm run ui -- FOLDER` opens another folder; IMCOT_UI_PORT chooses the port.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fail, inRoot, ROOT, say } from './lib/run.mjs';
import { build, ensureCodeServer, ensureModules } from './setup.mjs';

const folder = process.argv[2] ? path.resolve(process.argv[2]) : inRoot('media/demo/samples');
if (!existsSync(folder)) fail(`there is no folder ${folder}`);
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
    `VS Code with the extension stands at\n\n  ${workbenchUrl(server, { folder, extension: ROOT })}\n\nCtrl+C ends it.`,
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
