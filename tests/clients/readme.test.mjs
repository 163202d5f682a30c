import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { apiKey, baseURL } from './gateway.mjs';

// What the README shows is what runs here, but for address and key.
const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
const chapter = readme.slice(readme.indexOf('\n## Clients'), readme.indexOf('\n## How it answers'));
const blocks = [...chapter.matchAll(/```js\n([\s\S]*?)```/g)].map((match) => match[1]);

test('the README shows JavaScript', () => assert.ok(blocks.length >= 4));

for (const [number, block] of blocks.entries()) {
  test(`block ${number + 1} of the README's client chapter runs: ${block.split('\n')[0]}`, async () => {
    const file = new URL(`./.readme-${process.pid}-${number}.mjs`, import.meta.url);
    await writeFile(file, block.replaceAll('http://127.0.0.1:8400', new URL(baseURL).origin).replaceAll('"none"', JSON.stringify(apiKey)));
    try {
      const { stdout } = await promisify(execFile)(process.execPath, [file.pathname], { timeout: 30_000 });

      assert.equal(stdout.trim(), 'Red and green.');
    } finally {
      await rm(file);
    }
  });
}
