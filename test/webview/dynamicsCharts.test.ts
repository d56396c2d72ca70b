import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { browserArguments, findBrowser } from '../../scripts/lib/browser.mjs';
import type { StackModel } from '../../src/webview/dynamics/charts/stackModel';
import { chartOf, curveOf, lineOf, paperModel, stackOf, THREE_STAGES } from './support/chartsData';
import type { ChartsBench } from './support/chartsEntry';
import type { ChartsPage } from './support/chartsPage';
import { bundleCharts, openCharts } from './support/chartsPage';

const PAYLOAD = '</text><script>executed("markup")</script><img src=x onerror=executed(1)>';

/** Draws, and waits until the page had a frame for it. */
async function draw(page: Page, model: StackModel): Promise<void> {
  await page.evaluate(async (data) => {
    (globalThis as unknown as { charts: ChartsBench }).charts.draw(data);
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }, model);
}

async function told(page: Page, name: string): Promise<unknown[][]> {
  const all = await page.evaluate(() => (globalThis as unknown as { charts: ChartsBench }).charts.told);
  return all.filter(([event]) => event === name).map(([, ...rest]) => rest);
}

/** Colours along a line of pixels of a plot, as `r,g,b,a`; `x` and `y` in CSS pixels of its canvas. */
function pixel(page: Page, plot: number, x: number, y: number): Promise<number[]> {
  return page
    .locator('.plot-canvas')
    .nth(plot)
    .evaluate(
      (canvas, at) => {
        const { devicePixelRatio: ratio } = window;
        const context = (canvas as HTMLCanvasElement).getContext('2d');
        return [...(context?.getImageData(at.x * ratio, at.y * ratio, 1, 1).data ?? [])];
      },
      { x, y },
    );
}

/** How many pixels of a plot's part are of about this colour. */
function countColour(
  page: Page,
  plot: number,
  colour: readonly number[],
  part: readonly [number, number],
): Promise<number> {
  return page
    .locator('.plot-canvas')
    .nth(plot)
    .evaluate(
      (element, { wanted, from, to }) => {
        const canvas = element as HTMLCanvasElement;
        const data = canvas.getContext('2d')?.getImageData(from, 0, to - from, canvas.height).data ?? [];
        let found = 0;
        for (let at = 0; at < data.length; at += 4) {
          const isNear = wanted.every((value, channel) => Math.abs((data[at + channel] ?? 0) - value) < 40);
          if (isNear && (data[at + 3] ?? 0) > 180) found++;
        }
        return found;
      },
      { wanted: colour, from: part[0], to: part[1] },
    );
}

const BLUE = [89, 164, 249];

describe('stacked charts', function () {
  this.timeout(60_000);
  let browser: Browser | undefined;
  let bundle: Map<string, string> | undefined;
  let opened: ChartsPage;

  const open = async (options: Parameters<typeof openCharts>[2] = {}): Promise<Page> => {
    assert.ok(browser && bundle);
    opened = await openCharts(browser, bundle, options);
    return opened.page;
  };
  /** Left edge and width of the plots, CSS pixels. */
  const plotPlace = async (page: Page): Promise<{ left: number; width: number }> => {
    const columns = (await told(page, 'columnsChanged')).at(-1)?.[0] as number;
    const width = await page
      .locator('.plot')
      .first()
      .evaluate((plot) => plot.clientWidth);
    return { left: width - 14 - columns, width: columns };
  };
  const pixelOfStep = async (page: Page, step: number): Promise<number> => {
    const { left, width } = await plotPlace(page);
    return left + (step / 79) * width;
  };

  before(async function () {
    this.timeout(60_000);
    const executablePath = await findBrowser();
    assert.ok(executablePath, 'no Chrome, Chromium or Edge was found; BROWSER_PATH may name one');
    [browser, bundle] = await Promise.all([
      chromium.launch({ executablePath, headless: true, args: browserArguments() }),
      bundleCharts(),
    ]);
  });
  afterEach(async () => {
    assert.deepEqual(opened.problems, []);
    for (const context of browser?.contexts() ?? []) await context.close();
  });
  after(async () => browser?.close());

  it('paint the stages over every chart and name them above the first', async () => {
    const page = await open();
    await draw(page, paperModel());
    const names = await page.locator('.stage-title').allTextContents();
    assert.deepEqual(names, [
      '1 Initial exploration',
      '2 High-frequency zooming',
      '3 Efficient exploitation',
    ]);
    for (const plot of [0, 3]) {
      const [first, second, third] = await Promise.all(
        [3, 33, 73].map(async (step) => pixel(page, plot, Math.round(await pixelOfStep(page, step)), 12)),
      );
      assert.ok(
        first![3]! > 0 && second![3]! > 0 && third![3]! > 0,
        `${String(first)} ${String(second)} ${String(third)}`,
      );
      assert.ok(first![0]! > first![2]!, 'the first is warm');
      assert.ok(second![2]! > second![0]!, 'the second is blue');
      assert.ok(third![1]! > third![0]!, 'the third is green');
    }
    await draw(page, { ...paperModel(), bands: [] });
    assert.equal(await page.locator('.stage-title').count(), 0);
    assert.equal((await pixel(page, 0, Math.round(await pixelOfStep(page, 33)), 12))[3], 0);
  });

  it('ask for a zoom after a drag, for all of it after a double click, and pick by a click', async () => {
    const page = await open();
    await draw(page, paperModel());
    const box = (await page.locator('.plot').nth(1).boundingBox())!;
    const at = async (step: number): Promise<number> => box.x + (await pixelOfStep(page, step));
    await page.mouse.move(await at(30), box.y + 40);
    await page.mouse.down();
    await page.mouse.move(await at(50), box.y + 50, { steps: 4 });
    assert.equal(await page.locator('.zoom-selection').isVisible(), true);
    await page.mouse.up();
    assert.equal(await page.locator('.zoom-selection').isVisible(), false);
    const [[range]] = (await told(page, 'zoomed')) as [[[number, number]]];
    assert.ok(Math.abs(range[0] - 30) < 0.3 && Math.abs(range[1] - 50) < 0.3, String(range));
    assert.deepEqual(await told(page, 'picked'), []);
    await page.mouse.click(await at(12.2), box.y + 60);
    assert.deepEqual(await told(page, 'picked'), [[12, 12]]);
    await page.mouse.dblclick(await at(60), box.y + 60);
    assert.deepEqual((await told(page, 'zoomed')).slice(1), [[undefined]]);
  });

  it('zoom at the pointer by wheel with a modifier, and leave the plain wheel to the page', async () => {
    const page = await open();
    await draw(page, paperModel());
    const box = (await page.locator('.plot').nth(1).boundingBox())!;
    await page.mouse.move(box.x + (await pixelOfStep(page, 40)), box.y + 40);
    await page.mouse.wheel(0, -100);
    await page.keyboard.down('Shift');
    await page.mouse.wheel(0, -100);
    await page.keyboard.up('Shift');
    await page.waitForFunction(() =>
      (globalThis as unknown as { charts: ChartsBench }).charts.told.some(([name]) => name === 'zoomed'),
    );
    const zooms = (await told(page, 'zoomed')) as [[number, number]][];
    assert.equal(zooms.length, 1);
    assert.ok(Math.abs(zooms[0]![0][0] - 8) < 0.2 && Math.abs(zooms[0]![0][1] - 71.2) < 0.2, String(zooms));
  });

  it('show the nearest real samples at the crosshair, with the place where they are elsewhere', async () => {
    const page = await open();
    const model = paperModel();
    await draw(page, model);
    const box = (await page.locator('.plot').first().boundingBox())!;
    await page.mouse.move(box.x + (await pixelOfStep(page, 7.3)), box.y + 50);
    assert.deepEqual((await told(page, 'hovered')).at(-1), [7]);
    const values = await page.locator('.chart-value').allTextContents();
    assert.match(values[0]!, /1\.31$/);
    assert.match(values[1]!, /347$/);
    assert.match(values[3]!, /^step 081\.5 %$|^step 071\.2 %$/);
    const cross = (await page.locator('.crosshair').boundingBox())!;
    assert.ok(Math.abs(cross.x - box.x - (await pixelOfStep(page, 7))) < 1.5);
    await page.mouse.move(5, 5);
    assert.deepEqual((await told(page, 'hovered')).at(-1), [undefined]);
    assert.equal(await page.locator('.crosshair').isVisible(), false);
  });

  it('move the crosshair by keys and say what is there', async () => {
    const page = await open();
    await draw(page, { ...paperModel(), selected: 46 });
    await page.locator('.stack-keys').focus();
    await page.keyboard.press('ArrowRight');
    assert.deepEqual((await told(page, 'hovered')).at(-1), [47]);
    const said = (await page.locator('[aria-live]').textContent()) ?? '';
    assert.match(
      said,
      /^step 47; Zoom count: 2\.\d+;.*rollouts by zoom count.*V\* accuracy: 89\.5 % at step 48$/,
    );
    await page.keyboard.press('Shift+ArrowLeft');
    assert.deepEqual((await told(page, 'hovered')).at(-1), [37]);
    await page.keyboard.press('Enter');
    assert.deepEqual(await told(page, 'picked'), [[37, 37]]);
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowRight');
    assert.deepEqual((await told(page, 'hovered')).at(-1), [79]);
    await page.keyboard.press('Home');
    assert.deepEqual((await told(page, 'hovered')).at(-1), [0]);
    await page.keyboard.press('+');
    assert.deepEqual((await told(page, 'zoomed')).at(-1), [[0, 49.375]]);
    await page.keyboard.press('Escape');
    assert.deepEqual((await told(page, 'hovered')).at(-1), [undefined]);
  });

  it('move a boundary by pointer without a zoom, and by keys, within its neighbours', async () => {
    const page = await open();
    await draw(page, paperModel());
    const handle = page.getByRole('slider', { name: 'Begin of High-frequency zooming' });
    assert.equal(await handle.getAttribute('aria-valuetext'), 'step 20');
    const box = (await handle.boundingBox())!;
    const { left } = await plotPlace(page);
    const target = (await page.locator('.plot').first().boundingBox())!.x + (await pixelOfStep(page, 26));
    await page.mouse.move(box.x + 5, 300);
    await page.mouse.down();
    await page.mouse.move(target, 310, { steps: 3 });
    assert.ok(left > 0 && Math.abs((await handle.boundingBox())!.x + 5 - target) < 2, 'it follows at once');
    await page.mouse.up();
    const moves = await told(page, 'boundaryMoved');
    assert.deepEqual(moves.at(-1), [0, 26, true]);
    assert.ok(moves.slice(0, -1).every(([, , isDone]) => isDone === false));
    assert.deepEqual([await told(page, 'zoomed'), await told(page, 'picked')], [[], []]);
    await handle.focus();
    await page.keyboard.press('ArrowLeft');
    assert.deepEqual(
      (await told(page, 'boundaryMoved')).at(-1),
      [0, 19, true],
      'from where the model has it',
    );
    await page.keyboard.press('Shift+ArrowRight');
    assert.deepEqual((await told(page, 'boundaryMoved')).at(-1), [0, 30, true]);
    const near = paperModel();
    await draw(page, { ...near, boundaries: [{ index: 0, x: 40 }, near.boundaries[1]!] });
    await page.keyboard.press('Shift+ArrowRight');
    assert.deepEqual((await told(page, 'boundaryMoved')).at(-1), [0, 45, true], 'not past the next');
  });

  it('take a boundary back to where it was by Escape, in a drag and after keys', async () => {
    const page = await open();
    await draw(page, paperModel());
    const handle = page.getByRole('slider', { name: 'Begin of Efficient exploitation' });
    await handle.focus();
    const model = paperModel();
    await draw(page, { ...model, boundaries: [model.boundaries[0]!, { index: 1, x: 50 }] });
    await page.keyboard.press('Escape');
    assert.deepEqual(await told(page, 'boundaryMoved'), [[1, 45, true]]);
    const box = (await handle.boundingBox())!;
    await page.mouse.move(box.x + 5, 300);
    await page.mouse.down();
    await page.mouse.move(box.x + 90, 300);
    await page.keyboard.press('Escape');
    assert.deepEqual((await told(page, 'boundaryMoved')).at(-1), [1, 50, true]);
    await page.mouse.up();
    assert.deepEqual((await told(page, 'boundaryMoved')).at(-1), [1, 50, true], 'the drag is over');
  });

  it('leave gaps open, and show a point that stands alone between two', async () => {
    const page = await open();
    const values = Array.from({ length: 800 }, (_, at) =>
      at >= 300 && at < 500 && at !== 400 ? NaN : 1 + (at % 2),
    );
    const line = curveOf(
      'c',
      lineOf(
        values,
        values.map((_, at) => (at * 79) / 800),
      ),
    );
    await draw(page, stackOf([chartOf('c', [line])]));
    const [edge, alone, second] = await Promise.all([32, 39.5, 45].map((step) => pixelOfStep(page, step)));
    const inGap = await countColour(page, 0, BLUE, [Math.round(edge!), Math.round(alone!) - 12]);
    const atPoint = await countColour(page, 0, BLUE, [Math.round(alone!) - 6, Math.round(alone!) + 6]);
    const inLine = await countColour(page, 0, BLUE, [Math.round(second!) + 60, Math.round(second!) + 120]);
    assert.equal(inGap, 0);
    assert.ok(atPoint >= 6, `${atPoint} pixels`);
    assert.ok(inLine > 600, `${inLine} pixels`);
  });

  it('keep the least and the greatest of every pixel column', async () => {
    const page = await open();
    const count = 20_000;
    const values = Array.from({ length: count }, (_, at) =>
      at === 7000 ? 9 : at === 12_000 ? -9 : Math.sin(at),
    );
    const places = values.map((_, at) => (at * 79) / (count - 1));
    await draw(page, stackOf([chartOf('c', [curveOf('c', lineOf(values, places))])]));
    const peak = Math.round(await pixelOfStep(page, places[7000]!));
    const dip = Math.round(await pixelOfStep(page, places[12_000]!));
    const plain = Math.round(await pixelOfStep(page, 60));
    const [up, down, usual] = await Promise.all(
      [peak, dip, plain].map((middle) => countColour(page, 0, BLUE, [middle - 2, middle + 3])),
    );
    assert.ok(up! > usual! + 100 && down! > usual! + 100, `${up} ${down} ${usual}`);
  });

  it('say how many values a logarithm cannot show, and toggle it by a button', async () => {
    const page = await open();
    const model = stackOf([
      chartOf('loss', [curveOf('c', lineOf([0, 0.01, 1, -3, 100]))], { logarithmic: true }),
    ]);
    await draw(page, model);
    assert.equal(await page.locator('.chart-note').textContent(), '2 values not above 0: not shown');
    const button = page.getByRole('button', { name: 'Logarithmic scale: loss' });
    assert.equal(await button.getAttribute('aria-pressed'), 'true');
    await button.focus();
    await page.keyboard.press('Enter');
    assert.deepEqual(await told(page, 'logarithmicToggled'), [['loss']]);
  });

  it('offer keys, order and closing in the head', async () => {
    const page = await open();
    await draw(page, paperModel());
    await page.getByRole('combobox', { name: 'Key of Response length' }).selectOption('response_length/max');
    assert.deepEqual(await told(page, 'keyChosen'), [['length', 'response_length/max']]);
    await page.locator('.chart').nth(2).hover();
    await page.getByRole('button', { name: 'Move up: Grounding IoU' }).click();
    await page.getByRole('button', { name: 'Close: Grounding IoU' }).click();
    assert.deepEqual(await told(page, 'chartMoved'), [['iou', -1]]);
    assert.deepEqual(await told(page, 'chartClosed'), [['iou']]);
    assert.equal(await page.getByRole('button', { name: 'Move up: Zoom count' }).isDisabled(), true);
    const canvas = await page.locator('.plot-canvas').nth(2).elementHandle();
    const model = paperModel();
    await draw(page, { ...model, charts: [model.charts[2]!, model.charts[0]!] });
    assert.deepEqual(await page.locator('.chart-title').allTextContents(), ['Grounding IoU', 'Zoom count']);
    assert.ok(await canvas?.evaluate((element) => element.isConnected), 'what stays keeps its canvas');
  });

  it('draw the zoom counts as a strip, with its counts in a tip', async () => {
    const page = await open();
    await draw(page, paperModel());
    assert.deepEqual(await page.locator('.heat-rows span').allTextContents(), ['>3', '3', '2', '1', '0']);
    const strip = page.locator('.heat-canvas').first();
    assert.match((await strip.getAttribute('aria-label')) ?? '', /Zoom count: 80 columns/);
    await strip.hover({ position: { x: 300, y: 20 } });
    assert.match(
      (await page.locator('.stack-tip').textContent()) ?? '',
      /^step \d+, [\d,]+ rollouts by zoom count: 0: \d+/,
    );
    const shades = await strip.evaluate((canvas) => {
      const data = (canvas as HTMLCanvasElement).getContext('2d')?.getImageData(0, 48, 900, 1).data ?? [];
      return [data[3], data[4 * 800 + 3]];
    });
    assert.ok(shades[1]! > shades[0]!, 'fewer zooms late: the lowest row grows darker');
  });

  it('export an SVG that a parser reads, with every extreme, and a PNG of twice the size', async () => {
    const page = await open();
    const model = paperModel();
    const hostile = chartOf(PAYLOAD, [curveOf(PAYLOAD, lineOf([1, 5, 2]))], {
      title: PAYLOAD,
      subtitle: PAYLOAD,
    });
    await draw(page, { ...model, charts: [...model.charts, hostile] });
    const read = await page.evaluate((title) => {
      const text = (globalThis as unknown as { charts: ChartsBench }).charts.stack.toSvg(title);
      const parsed = new DOMParser().parseFromString(text, 'image/svg+xml');
      return {
        error: parsed.querySelector('parsererror')?.textContent,
        title: parsed.querySelector('title')?.textContent,
        names: [...new Set([...parsed.querySelectorAll('*')].map((element) => element.tagName))].sort(),
        paths: [...parsed.querySelectorAll('path[stroke-linejoin]')].map(
          (path) => path.getAttribute('d') ?? '',
        ),
      };
    }, PAYLOAD);
    assert.equal(read.error, undefined);
    assert.equal(read.title, PAYLOAD);
    assert.deepEqual(read.names, [
      'circle',
      'clipPath',
      'desc',
      'g',
      'path',
      'rect',
      'svg',
      'text',
      'title',
      'tspan',
    ]);
    assert.deepEqual(
      read.paths.map((path) => path.split(/[ML]/).length - 1),
      [80, 80, 80, 80, 80, 80, 6, 3],
      'samples and averages of three curves, six accuracies, and the last one',
    );
    const bytes = await page.evaluate(async () => {
      const png = await (globalThis as unknown as { charts: ChartsBench }).charts.stack.toPng('run');
      return [...png.slice(0, 24)];
    });
    assert.deepEqual(bytes.slice(1, 4), [0x50, 0x4e, 0x47]);
    assert.ok(Buffer.from(bytes).readUInt32BE(16) > 1900, 'twice as wide as the page');
  });

  it('keep hostile names as text everywhere', async () => {
    const page = await open();
    const curves = [1, 2].map((at) => curveOf(`${at}`, lineOf([at, at + 1])));
    const chart = chartOf(PAYLOAD, curves, {
      subtitle: PAYLOAD,
      choices: [
        { key: PAYLOAD, label: PAYLOAD },
        { key: 'b', label: 'b' },
      ],
      key: PAYLOAD,
    });
    const lines = chart.lines.map((line) => ({ ...line, name: PAYLOAD }));
    const bands = THREE_STAGES.bands.map((band) => ({ ...band, name: PAYLOAD }));
    await draw(page, stackOf([{ ...chart, lines }], { ...THREE_STAGES, bands }));
    await page.locator('.stack-keys').focus();
    await page.keyboard.press('ArrowRight');
    assert.equal(await page.locator('.chart-stack img, .chart-stack script').count(), 0);
    assert.match((await page.locator('.chart-title').textContent()) ?? '', /<script>/);
  });

  it('follow the theme, and outline stages in high contrast', async () => {
    const page = await open();
    await draw(page, { ...paperModel(0), selected: undefined } as unknown as StackModel);
    const middle = Math.round(await pixelOfStep(page, 12));
    assert.ok((await pixel(page, 2, middle, 14))[3]! > 0);
    assert.ok((await countColour(page, 2, BLUE, [middle, middle + 40])) > 30);
    await page.evaluate(async () => {
      document.documentElement.style.setProperty('--vscode-charts-blue', '#ff00ff');
      document.body.classList.replace('vscode-dark', 'vscode-high-contrast');
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    });
    assert.equal((await pixel(page, 2, middle, 14))[3], 0, 'no fill in high contrast');
    assert.ok((await countColour(page, 2, [255, 0, 255], [middle, middle + 40])) > 30);
  });

  it('resize with the window, sharp on a dense screen, and tell the columns', async () => {
    const page = await open({ scale: 2 });
    await draw(page, paperModel());
    await page.setViewportSize({ width: 700, height: 600 });
    await page.waitForFunction(
      () => document.querySelector<HTMLCanvasElement>('.plot-canvas')?.getBoundingClientRect().width === 700,
    );
    const canvas = await page
      .locator('.plot-canvas')
      .first()
      .evaluate((element) => {
        const { width, clientWidth } = element as HTMLCanvasElement;
        return { width, clientWidth };
      });
    assert.deepEqual(canvas, { width: 1400, clientWidth: 700 });
    const columns = (await told(page, 'columnsChanged')).map(([number]) => number as number);
    assert.ok(columns.at(-1)! < columns[0]! && columns.at(-1)! > 600);
  });
});
