// The page in a real browser, from file://. Needs Debian's chromium; where there is none it says so and checks nothing.

import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportPage, SECTIONS } from '../../src/report/html/page.ts';
import { madeUp, replayOf } from './made-up-document.ts';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const missing = !existsSync(CHROMIUM);
if (missing) {
  process.stderr.write(`SKIPPED: the report in a browser; there is no ${CHROMIUM} (apt-get install chromium)\n`);
}

/** Nothing but the page under test may use the network or the user's settings. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const WIDTHS = [400, 1000, 1400] as const;
const PATIENCE = 60_000;
/** A reader of the pictures sets where they are kept. */
const PICTURES = process.env.REPORT_PICTURES;

describe.skipIf(missing)('the report in a browser', () => {
  const folder = mkdtempSync(join(tmpdir(), 'taco-report-'));
  const complaints: string[] = [];
  const requests: string[] = [];
  let context: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    const file = join(folder, 'report.html');
    writeFileSync(file, reportPage(madeUp));
    context = await chromium.launchPersistentContext(join(folder, 'profile'), {
      executablePath: CHROMIUM,
      headless: true,
      args: FLAGS,
      acceptDownloads: true,
    });
    page = await context.newPage();
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(pathToFileURL(file).href);
  }, PATIENCE);

  afterAll(async () => {
    await context?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('asks for nothing but itself, and complains of nothing', () => {
    expect(complaints).toEqual([]);
    expect(requests.map((url) => url.split('/').at(-1))).toEqual(['report.html']);
  });

  it('runs nothing that a record holds', async () => {
    expect(await page.evaluate('globalThis.hit')).toBeUndefined();
    expect(await page.locator('script').count()).toBe(3);
    expect(await page.locator('img').count()).toBe(0);
    expect(JSON.parse((await page.locator('#records').textContent()) ?? '')).toEqual(madeUp);
  });

  it('has the twelve sections in their order, each with its heading', async () => {
    const ids = await page.locator('main > section').evaluateAll((sections) => sections.map(({ id }) => id));
    expect(ids).toEqual(SECTIONS.map(({ id }) => id));
    expect(ids).toHaveLength(12);
    for (const { id } of SECTIONS) expect(await page.locator(`#${id} h2`).isVisible()).toBe(true);
  });

  it('shows how to repeat a cell of the reach matrix, by mouse and by keyboard', async () => {
    const id = replayOf('MEM-14', 'colocated');
    const cell = page.locator(`.matrix [data-replay="${id}"]`);
    await cell.click();
    expect(await page.locator('#replay').textContent()).toContain(`./taco replay ${id}`);
    await cell.focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    expect(await page.locator('#replay').textContent()).toContain(replayOf('MEM-14', 'partitioned'));
  });

  it('hands out its records', async () => {
    const [json] = await Promise.all([page.waitForEvent('download'), page.locator('#download-json').click()]);
    expect(json.suggestedFilename()).toBe('argue.json');
    const [csv] = await Promise.all([page.waitForEvent('download'), page.locator('a[download="rates.csv"]').click()]);
    expect(csv.suggestedFilename()).toBe('rates.csv');
  });

  it('prints', async () => {
    const pdf = await page.pdf({ format: 'A4' });
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    if (PICTURES !== undefined) writeFileSync(join(PICTURES, 'report.pdf'), pdf);
  });

  it.each(WIDTHS)('fits a window %d pixels wide: only tables and figures scroll, each in its frame', async (width) => {
    await page.setViewportSize({ width, height: 900 });
    const overflow = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
    expect(overflow).toBeLessThanOrEqual(0);
    if (PICTURES === undefined) return;
    mkdirSync(PICTURES, { recursive: true });
    await page.screenshot({ path: join(PICTURES, `report-${width}.png`), fullPage: true });
  });
});
