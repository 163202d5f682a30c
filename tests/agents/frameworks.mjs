// frameworks.mjs BINARY OUT [--stages a,b] [NAME …]: runs frameworks/*.mjs through the gateway and prints a table. The exit code is 0 when nothing failed.
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { STAGES, startGateway } from './stage.mjs';
import { startUpstream } from './upstream.mjs';

export const FRAMEWORKS = ['openai', 'openai-responses', 'anthropic', 'langchain', 'openai-agents', 'mastra', 'genkit', 'tanstack', 'llamaindex', 'instructor'];
const CASES = ['plain', 'stream', 'tools', 'structured', 'embeddings', 'abort', 'errors', 'usage'];

const run = promisify(execFile);
const [binary, out, ...rest] = process.argv.slice(2);
const at = rest.indexOf('--stages');
const stages = at < 0 ? STAGES.slice(0, 3) : rest.splice(at, 2)[1].split(',');
const rows = [];
let failed = 0;
let passed = 0;
for (const stage of stages) {
  for (const name of FRAMEWORKS.filter((one) => rest.length === 0 || rest.includes(one))) {
    const upstream = await startUpstream();
    const gateway = await startGateway(binary, stage, upstream.baseURL);
    const env = { ...process.env, SYNTHWAVE_URL: gateway.url, EMBEDDING_MODEL: stage.startsWith('moa') ? 'draft-a' : 'stage', OPENAI_API_KEY: 'none' };
    const { stdout } = await run(process.execPath, ['--experimental-import-meta-resolve', join(import.meta.dirname, 'frameworks', 'one.mjs'), name], { env, maxBuffer: 1 << 26 }).catch((error) => ({ stdout: `RESULT ${JSON.stringify({ load: String(error) })}` }));
    await gateway.stop();
    upstream.stop();
    const said = JSON.parse(/RESULT (.*)/.exec(stdout)?.[1] ?? '{"load":"it printed no result"}');
    rows.push({ name, stage, said });
    for (const [what, outcome] of Object.entries(said)) {
      passed += outcome === 'ok';
      failed += outcome !== 'ok' && outcome !== '–';
      if (outcome !== 'ok' && outcome !== '–') {
        const folder = join(out, 'frameworks', name, stage);
        await mkdir(folder, { recursive: true });
        await writeFile(join(folder, 'client.json'), JSON.stringify(gateway.exchanges.map((one) => ({ ...one, body: one.body.toString() })), null, 1));
        console.log(`FAIL ${name} · ${stage} · ${what}: ${outcome}`);
      }
    }
  }
}

await mkdir(out, { recursive: true });
await writeFile(join(out, 'frameworks.json'), JSON.stringify(rows, null, 2));
console.log(`\n| framework | profile | ${CASES.join(' | ')} |\n|---|---|${CASES.map(() => '---|').join('')}`);
for (const { name, stage, said } of rows) {
  console.log(`| ${name} | ${stage} | ${CASES.map((what) => (said[what] === 'ok' || said[what] === '–' ? said[what] : 'fails')).join(' | ')} |`);
}

console.log(`\n${passed} passed, ${failed} failed, 0 skipped`);
process.exit(failed === 0 ? 0 : 1);
