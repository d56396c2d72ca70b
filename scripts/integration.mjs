// npm run test:integration: the tests in a real editor, nothing else.
import { hostUnsupportedReason } from '../test/host/install.mjs';
import { line } from './lib/counts.mjs';
import { fail, say } from './lib/run.mjs';
import { integration } from './lib/tiers.mjs';
import { build, chooseHost, ensureBrowser, ensureCodeServer, ensureModules } from './setup.mjs';

try {
  await ensureModules();
  await ensureBrowser();
  const { host, reason } = await chooseHost();
  const codeServer = hostUnsupportedReason() === undefined;
  if (codeServer) ensureCodeServer();
  say(`integration tests run in ${host}: ${reason}`);
  await build();
  const counts = await integration({ host, codeServer });
  say(line(counts));
  process.exitCode = counts.failed === 0 ? 0 : 1;
} catch (error) {
  fail(error.message);
}
