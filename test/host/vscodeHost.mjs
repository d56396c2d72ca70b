#!/usr/bin/env node
// Stand-in for the desktop `code` executable: takes the arguments that @vscode/test-electron passes, runs the suite in
// code-server's extension host under a Chromium workbench, prints what the extension host prints, and ends with the
// suite's exit code. HOST_TRUST=on leaves workspace trust on. Lines of the form @@NAME:value that a test prints ask the
// stand-in to act on the workbench (see ./inside.ts).
import path from 'node:path';
import { format } from 'node:util';
import { grantTrust, launchBrowser, screenshot, workbenchUrl } from './driver.mjs';
import { startServer } from './server.mjs';

const DEFAULT_LIMIT_MS = 300_000;

/** Exit codes of the stand-in itself; a suite ends with 0 or 1. */
const EXIT = { pageCrashed: 70, serverEnded: 71, timeout: 124, interrupted: 130 };

/** Noise of the workbench and of the addons that are not built for the host. */
const NOISE = [
  /^\[?(AccountPolicyGate|AgentHost|reconnection|Service Worker)/,
  /^(Resolv|Creating a socket|Updating additional|Ignoring fetching additional builtin)/,
  /^(Timed out waiting for authentication provider|Extension host \(Remote\) is)/,
  /^Canceled: Canceled|^Extension `vscode\.[\w-]+` is already registered/,
  /Could not locate the bindings file[^]*spdlog|native-watchdog/,
];

function parseArguments(args) {
  const options = new Map();
  const rest = [];
  for (const argument of args) {
    const match = /^--([\w-]+)(?:=(.*))?$/s.exec(argument);
    if (match) options.set(match[1], match[2] ?? '');
    else rest.push(argument);
  }
  return { options, folder: rest[0] };
}

/** What a test may ask for. Each answers by its effect; a failure is printed and shows as the test's own timeout. */
const REQUESTS = {
  SHOT: (page, file) => screenshot(page, file),
  TRUST: (page) => grantTrust(page),
  KEY: (page, key) => page.keyboard.press(key),
};

async function onHostOutput(page, type, args) {
  const request = typeof args[0] === 'string' ? /^@@([A-Z]+)(?::(.*))?$/s.exec(args[0].trim()) : null;
  if (request && request[1] in REQUESTS) {
    await REQUESTS[request[1]](page, request[2]).catch((error) =>
      console.error(`${args[0]}: ${error.message}`),
    );
    return;
  }
  const text = format(...args);
  if (NOISE.some((pattern) => pattern.test(text))) return;
  (type === 'error' || type === 'warn' ? process.stderr : process.stdout).write(`${text}\n`);
}

async function runSuite(server, browser, { options, folder }) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const ended = new Promise((resolve) => {
    void page.exposeFunction('codeAutomationExit', (code) => resolve(code));
    server.child.on('exit', () => resolve(EXIT.serverEnded));
    page.on('crash', () => resolve(EXIT.pageCrashed));
    setTimeout(() => resolve(EXIT.timeout), Number(process.env.HOST_TIMEOUT_MS ?? DEFAULT_LIMIT_MS)).unref();
  });
  await page.exposeFunction('codeAutomationLog', (type, args) => onHostOutput(page, type, args));
  const open = {
    folder: folder ? path.resolve(folder) : server.workspace,
    extension: options.get('extensionDevelopmentPath'),
    tests: options.get('extensionTestsPath'),
  };
  await page.goto(workbenchUrl(server, open));
  const code = await ended;
  const reason = Object.entries(EXIT).find(([, value]) => value === code)?.[0];
  if (reason) console.error(`the host ended without a result: ${reason}`);
  if (process.env.HOST_FINAL_SHOT) await screenshot(page, process.env.HOST_FINAL_SHOT).catch(() => {});
  return typeof code === 'number' ? code : 1;
}

const server = await startServer({ trust: process.env.HOST_TRUST === 'on' });
let browser;
let stopping = false;
const stop = async (code) => {
  if (stopping) return;
  stopping = true;
  await browser?.close().catch(() => {});
  await server.stop();
  process.exit(code);
};
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void stop(EXIT.interrupted));
try {
  browser = await launchBrowser();
  await stop(await runSuite(server, browser, parseArguments(process.argv.slice(2))));
} catch (error) {
  console.error(error);
  await stop(1);
}
