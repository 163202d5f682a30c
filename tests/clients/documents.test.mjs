import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { apiKey, baseURL } from './gateway.mjs';

// What the documents show is what runs here, but for address and key.
const page = await readFile(new URL('../../docs/agents.md', import.meta.url), 'utf8');
const chapter = page.slice(page.indexOf('\n## Your own code'), page.indexOf('\n## Chat applications'));
const blocks = [...chapter.matchAll(/```js\n([\s\S]*?)```/g)].map((match) => match[1]);

test('the documents show JavaScript', () => assert.ok(blocks.length >= 4));

for (const [number, block] of blocks.entries()) {
  test(`block ${number + 1} about your own code runs: ${block.split('\n')[0]}`, async () => {
    const file = new URL(`./.document-${process.pid}-${number}.mjs`, import.meta.url);
    await writeFile(file, block.replaceAll('http://127.0.0.1:8400', new URL(baseURL).origin).replaceAll('"none"', JSON.stringify(apiKey)));
    try {
      const { stdout } = await promisify(execFile)(process.execPath, [file.pathname], { timeout: 30_000 });

      assert.equal(stdout.trim(), 'Red and green.');
    } finally {
      await rm(file);
    }
  });
}
