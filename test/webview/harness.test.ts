import assert from 'node:assert/strict';
import type { TestPage } from './support/page';
import { usePages } from './support/page';

/** Waits until the list holds what is wanted, since reports come by message; gives the whole list. */
async function until(list: readonly string[], wanted: RegExp): Promise<readonly string[]> {
  for (let round = 0; round < 100; round++) {
    if (list.some((entry) => wanted.test(entry))) return list;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return assert.fail(`nothing like ${String(wanted)} within 2 s, but: ${list.join('; ')}`);
}

describe('the records of a test page', () => {
  const open = usePages();
  let opened: TestPage;
  beforeEach(async () => {
    opened = await open();
  });

  /** Does in the page what a hostile payload would do. */
  const run = (body: string): Promise<unknown> => opened.page.evaluate(body);
  const append = (html: string): Promise<unknown> =>
    run(`document.body.insertAdjacentHTML('beforeend', ${JSON.stringify(html)})`);

  it('show an inline handler that the policy stopped, and that it did not run', async () => {
    await append('<b id="trap" onclick="executed(1)">x</b>');
    await opened.page.click('#trap');
    await until(opened.records.policyViolations, /^script-src/);
    assert.deepEqual(opened.records.executions, []);
  });

  it('show a picture and a connection that the policy stopped, and that nothing was asked for', async () => {
    await append('<img src="https://elsewhere.test/a.png">');
    await run(`fetch('https://elsewhere.test/b').catch(() => 0)`);
    await until(opened.records.policyViolations, /^img-src/);
    await until(opened.records.policyViolations, /^connect-src/);
    assert.deepEqual(opened.records.foreignRequests, []);
  });

  it('show a request that the policy lets pass', async () => {
    await run(`location.href = 'https://elsewhere.test/'`).catch(() => undefined);
    await until(opened.records.foreignRequests, /^https:\/\/elsewhere\.test\/$/);
  });

  it('show a dialog, an execution and an error', async () => {
    await run(`alert('hello')`);
    await run(`executed('payload 7')`);
    await run(`setTimeout(() => { throw new Error('lost'); })`);
    await until(opened.records.dialogs, /^hello$/);
    await until(opened.records.executions, /^payload 7$/);
    await until(opened.records.errors, /^lost$/);
  });

  it('show a new window', async () => {
    await run(`void window.open('https://elsewhere.test/', '_blank')`);
    await until(opened.records.navigations, /./);
  });

  it('show what is wrong for assistive technology', async () => {
    await append('<button></button>');
    const problems = await opened.accessibilityProblems();
    assert.ok(
      problems.some((problem) => problem.startsWith('button-name')),
      problems.join('\n'),
    );
  });

  it('has the theme and the editor side of the real thing', async () => {
    const theme = (): Promise<unknown> =>
      opened.page.evaluate(() => [
        document.body.className,
        getComputedStyle(document.body).getPropertyValue('--vscode-editor-foreground') !== '',
      ]);
    assert.deepEqual(await theme(), ['vscode-dark', true]);
    opened = await open({ theme: 'highContrast' });
    assert.deepEqual(await theme(), ['vscode-high-contrast', true]);
  });

  it('looks after a change of theme as if it had been opened in it, and shows what is wrong there alone', async function () {
    this.timeout(60_000);
    const look = (): Promise<unknown> =>
      opened.page.evaluate(() => {
        const { documentElement, body } = document;
        const { color, backgroundColor } = getComputedStyle(document.querySelector('.filter-input') ?? body);
        const variables = [...documentElement.style].map((name) => [
          name,
          documentElement.style.getPropertyValue(name),
        ]);
        return [body.className, { ...body.dataset }, color, backgroundColor, variables.sort()];
      });
    await opened.page.locator('.filter-input').waitFor();
    const dark = await look();
    await opened.page.evaluate(() => {
      const words = document.createElement('p');
      words.textContent = 'barely to be read on a light ground';
      words.style.cssText =
        'position: fixed; inset: 40% auto auto 40%; z-index: 9; color: #ccc; background: var(--vscode-editor-background)';
      document.querySelector('main')?.append(words);
    });
    const problems = await opened.accessibilityProblemsIn(['dark', 'light']);
    assert.deepEqual(
      problems.map((problem) => problem.split(' ').slice(0, 2).join(' ')),
      ['light: color-contrast'],
      problems.join('\n'),
    );
    const light = await look();
    await opened.useTheme('dark');
    assert.deepEqual(await look(), dark);
    opened = await open({ theme: 'light' });
    await opened.page.locator('.filter-input').waitFor();
    assert.deepEqual(light, await look());
  });

  it('keeps what a page stored when it is loaded again, and hands out the editor side once', async () => {
    opened = await open({ state: { at: 3 } });
    // The page itself acquired it first, and stores its own state in place of one that means nothing to it.
    await assert.rejects(run('acquireVsCodeApi()'), /already been acquired/);
    await opened.page.waitForFunction(
      () => sessionStorage.getItem('editor-state')?.includes('"part"') === true,
    );
    const stored = await opened.state();
    assert.notEqual(stored, null);
    await opened.reload();
    await assert.rejects(run('acquireVsCodeApi()'), /already been acquired/);
    assert.deepEqual(await opened.state(), stored);
  });

  it('passes bytes through the port', async () => {
    await run(
      `addEventListener('message', (event) => { document.body.title = String(event.data.bytes?.[1]); })`,
    );
    opened.port.post({ bytes: new Uint8Array([7, 9]) });
    await opened.page.waitForFunction(() => document.body.title === '9');
  });
});
