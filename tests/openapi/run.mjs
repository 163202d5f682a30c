// Lints src/Synthwave/Api/Endpoints/openapi.json, then starts the gateway on a free port and looks at its pages.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const [gateway, output, chromium] = process.argv.slice(2);
const counts = { passed: 0, failed: 0, skipped: 0 };

async function check(name, run) {
  try {
    await run();
    counts.passed++;
    console.log(`passed: ${name}`);
  } catch (error) {
    counts.failed++;
    console.log(`FAILED: ${name}: ${error.message}`);
  }
}

function skip(name, why) {
  counts.skipped++;
  console.log(`skipped: ${name}: ${why}`);
}

function expect(isTrue, message) {
  if (!isTrue) throw new Error(message);
}

const linter = join(here, 'node_modules', '@redocly', 'cli', 'bin', 'cli.js');
if (existsSync(linter)) {
  await check('the description keeps every recommended rule', () => {
    const done = spawnSync(process.execPath, [linter, 'lint', '--config', join(here, 'redocly.yaml'), '--format', 'json', join(root, 'src/Synthwave/Api/Endpoints/openapi.json')], {
      encoding: 'utf8', env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' }, timeout: 120000,
    });
    const report = JSON.parse(done.stdout.slice(done.stdout.indexOf('{')));
    const told = report.problems.map(p => `${p.severity} ${p.ruleId} ${p.location?.[0]?.pointer ?? ''}: ${p.message}`).join('\n');
    expect(done.status === 0 && report.totals.errors === 0 && report.totals.warnings === 0, told || done.stderr);
  });
} else {
  skip('the description keeps every recommended rule', 'the linter is not installed, see --install');
}

if (!chromium || !existsSync(join(here, 'node_modules', 'puppeteer-core'))) {
  skip('the pages in a browser', chromium ? 'its driver is not installed, see --install' : 'there is no chromium, see --install');
} else {
  await browse();
}

console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exit(counts.failed === 0 ? 0 : 1);

async function browse() {
  const { default: puppeteer } = await import('puppeteer-core');
  const folder = mkdtempSync(join(tmpdir(), 'synthwave-pages-'));
  const port = await freePort();
  const config = join(folder, 'meta-model.toml');
  writeFileSync(config, `[upstreams.quick]\nmodel_id = "quick"\nbase_url = "http://127.0.0.1:9/v1"\ncontext = 8192\nmax_output = 512\n[profiles.ensemble]\ntype = "moa"\ngenerators = ["quick"]\nsynthesizer = "quick"\n`);
  const [command, before] = gateway.endsWith('.dll') ? ['dotnet', [gateway]] : [gateway, []];
  const server = spawn(command, [...before, 'serve', '--config', config, '--port', String(port)], { stdio: 'ignore' });
  const origin = `http://127.0.0.1:${port}`;
  let browser;
  try {
    await answers(origin + '/healthz');
    browser = await puppeteer.launch({ executablePath: chromium, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'] });
    for (const [theme, width] of [['light', 1200], ['dark', 360]]) {
      await check(`the first page, ${theme}, ${width} pixels`, () => visit(browser, origin, '/', theme, width, async page => {
        const text = await page.$eval('body', body => body.innerText);
        expect(text.includes('ensemble') && text.includes(`curl ${origin}/v1/models`), 'it names no models or no commands: ' + text);
        expect((await page.$$('button')).length === 3, 'each command has a button');
      }));
      await check(`the reference, ${theme}, ${width} pixels`, () => visit(browser, origin, '/docs', theme, width, async page => {
        await page.waitForSelector('html[data-ready=true]', { timeout: 15000 });
        const drawn = await page.$$eval('article[id]', all => all.map(article => article.id));
        const described = await page.evaluate(async () => Object.values((await (await fetch('openapi.json')).json()).paths).flatMap(path => Object.values(path)).map(operation => operation.operationId).filter(Boolean));
        expect(described.length > 20 && described.every(id => drawn.includes(id)), 'an operation is not drawn');
      }));
    }
    await check('the reference is searched, opened and left by keyboard', () => visit(browser, origin, '/docs', 'light', 1200, async page => {
      await page.waitForSelector('html[data-ready=true]', { timeout: 15000 });
      const shown = () => page.$$eval('nav a[href^="#"]', links => links.filter(link => link.offsetParent).length);
      const all = await shown();
      await page.keyboard.press('/');
      await page.keyboard.type('embeddings dimensions');
      expect(await shown() < all && (await page.$eval('#found', found => found.textContent)) === '1 operation', 'the search finds the one operation with that member: ' + await page.$eval('#found', found => found.textContent));
      await page.keyboard.press('Enter');
      expect(page.url().endsWith('#createEmbeddings'), 'Enter leads to what was found');
      await page.keyboard.press('Escape');
      expect(await shown() === all, 'Escape shows everything again');
      await page.focus('#createChatCompletion summary');
      const before = await page.$$eval('#createChatCompletion .member', members => members.length);
      await page.keyboard.press('Enter');
      await page.keyboard.press('Enter');
      expect(before > 10 && (await page.$$eval('#createChatCompletion .member', members => members.length)) >= before, 'a schema is open, and opens again');
    }));
    await check('without a script the first page says the same', async () => {
      const page = await browser.newPage();
      await page.setJavaScriptEnabled(false);
      await page.goto(origin + '/');
      const html = await page.content();
      expect(html.includes('ensemble') && html.includes('/v1/chat/completions'), 'something is missing');
      await page.close();
    });
  } finally {
    await browser?.close();
    server.kill('SIGTERM');
    await new Promise(resolve => server.exitCode !== null ? resolve() : server.once('exit', resolve));
    rmSync(folder, { recursive: true, force: true });
  }
}

// Nothing may be said on the console, be asked of elsewhere, or stand out of the page's width.
async function visit(browser, origin, path, theme, width, look) {
  const page = await browser.newPage();
  const problems = [];
  page.on('console', message => { if (['error', 'warning', 'warn'].includes(message.type())) problems.push(message.text()); });
  page.on('pageerror', error => problems.push(String(error)));
  page.on('requestfailed', request => problems.push(`${request.url()} failed`));
  page.on('request', request => { if (!request.url().startsWith(origin + '/') && !request.url().startsWith('data:')) problems.push(`${request.url()} is elsewhere`); });
  try {
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }]);
    await page.setViewport({ width, height: 900 });
    await page.goto(origin + path, { waitUntil: 'networkidle0', timeout: 30000 });
    await look(page);
    const contrast = await page.evaluate(poorContrast);
    expect(contrast.length === 0, 'poor contrast: ' + contrast.join('; '));
    const unnamed = await page.$$eval('button, a, input', all => all.filter(e => !(e.getAttribute('aria-label') || e.textContent.trim() || e.labels?.length)).length);
    expect(unnamed === 0, 'something to press has no name');
    const landmarks = await page.$$eval('main, nav, h1', all => all.map(e => e.tagName).join());
    expect(/MAIN/.test(landmarks) && /NAV/.test(landmarks) && /H1/.test(landmarks), 'landmarks are missing: ' + landmarks);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(wide <= width, `it is ${wide} pixels wide`);
    expect(problems.length === 0, problems.join('; '));
  } finally {
    await page.screenshot({ path: join(output, `${path === '/' ? 'home' : path.slice(1)}-${theme}-${width}.png`) }).catch(error => problems.push(String(error)));
    await page.close();
  }
}

// Texts whose contrast is below 4.5 : 1. https://www.w3.org/TR/WCAG22/#contrast-minimum
function poorContrast() {
  const parts = color => (color.match(/[\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4).reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = element => {
    for (let at = element; at; at = at.parentElement) {
      const color = parts(getComputedStyle(at).backgroundColor);
      if (color.length === 3 || color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  const found = new Set();
  for (const element of document.querySelectorAll('body *')) {
    if (!element.offsetParent || ![...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim())) continue;
    const [a, b] = [light(parts(getComputedStyle(element).color)), light(ground(element))];
    if ((Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5) found.add(element.tagName + '.' + element.className);
  }
  return [...found];
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject).listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

async function answers(url) {
  for (let i = 0; i < 300; i++) {
    if (await fetch(url).then(response => response.ok, () => false)) return;
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  throw new Error(`${url} does not answer`);
}
