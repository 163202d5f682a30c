// run.mjs BINARY OUT [--stages a,b] [NAME …]: drives agents through the gateway and prints a table. The exit code is 0 when every cell is ok.
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { zstdDecompressSync, gunzipSync } from 'node:zlib';
import { agents } from './agents.mjs';
import { ANSWER, CONTENT, IMAGE_ANSWER, isMain } from './script.mjs';
import { STAGES, startGateway } from './stage.mjs';
import { startUpstream } from './upstream.mjs';

const here = import.meta.dirname;
const LONGEST = 150_000;
// The smallest PNG there is: one red pixel.
const DOT = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC', 'base64');

const [binary, out, ...rest] = process.argv.slice(2);
const at = rest.indexOf('--stages');
const stages = at < 0 ? STAGES.slice(0, 3) : rest.splice(at, 2)[1].replace(/^all$/, STAGES.join(',')).split(',');
const chosen = agents.filter((agent) => rest.length === 0 || rest.some((name) => agent.name === name || agent.package === name));
const table = [];

for (const agent of chosen) {
  const row = { name: agent.name, door: agent.door, cells: {} };
  table.push(row);
  for (const stage of stages) {
    const started = Date.now();
    if (agent.image && stage.includes('text-only')) {
      row.cells[stage] = '–'; // Its models do not see.
      continue;
    }

    row.cells[stage] = existsSync(join(here, 'packages', agent.package, 'node_modules')) ? await drive(agent, stage) : 'not installed';
    console.log(`${row.cells[stage] === 'ok' ? 'ok  ' : 'FAIL'} ${agent.name} · ${stage} (${((Date.now() - started) / 1000).toFixed(1)} s)${row.cells[stage] === 'ok' ? '' : `: ${row.cells[stage]}`}`);
  }
}

const lines = [`| agent | ${stages.join(' | ')} |`, `|---|${stages.map(() => '---|').join('')}`, ...table.map((row) => `| ${row.name} | ${stages.map((stage) => row.cells[stage]).join(' | ')} |`)];
await mkdir(out, { recursive: true });
await writeFile(join(out, 'table.json'), JSON.stringify(table, null, 2));
console.log(`\n${lines.join('\n')}\n`);
const cells = table.flatMap((row) => Object.values(row.cells)).filter((cell) => cell !== '–');
const failed = cells.filter((cell) => cell !== 'ok').length;
console.log(`${cells.length - failed} passed, ${failed} failed, 0 skipped`);
process.exit(failed === 0 ? 0 : 1);

async function drive(agent, stage) {
  const upstream = await startUpstream();
  const gateway = await startGateway(binary, stage, upstream.baseURL);
  const home = await mkdtemp(join(tmpdir(), 'home-'));
  const work = await mkdtemp(join(tmpdir(), 'work-'));
  try {
    await writeFile(join(work, 'dot.png'), DOT);
    const { files, env, argv, before } = agent.run({ url: gateway.url, home, work });
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(home, name)), { recursive: true });
      await writeFile(join(home, name), text);
    }

    if (before) {
      await execute(agent, before, { home, work, env });
    }

    const ended = await execute(agent, argv, { home, work, env });
    const verdict = await judge(agent, ended, work, upstream.calls, gateway.exchanges);
    await keep(agent, stage, verdict, ended, upstream.calls, gateway);
    return verdict;
  } finally {
    await gateway.stop();
    upstream.stop();
    await rm(home, { recursive: true, force: true });
    await rm(work, { recursive: true, force: true });
  }
}

function execute(agent, [program, ...args], { home, work, env }) {
  const bin = join(here, 'packages', agent.package, 'node_modules', '.bin', program);
  const [command, first] = program === 'node' ? [process.execPath, [join(here, args.shift())]] : [bin, []];
  const child = spawn(command, [...first, ...args], {
    cwd: work,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`, HOME: home, TERM: 'dumb', CI: '1', LANG: 'C.UTF-8', ...env },
  });
  const printed = { stdout: '', stderr: '' };
  child.stdout.on('data', (piece) => (printed.stdout += piece));
  child.stderr.on('data', (piece) => (printed.stderr += piece));
  return new Promise((done) => {
    const late = setTimeout(() => {
      printed.late = true;
      process.kill(-child.pid, 'SIGKILL');
    }, LONGEST);
    child.on('error', (error) => done({ ...printed, code: String(error) }));
    child.on('close', (code, signal) => {
      clearTimeout(late);
      done({ ...printed, code: code ?? signal });
    });
  });
}

/** "ok", or the first thing that is not. */
async function judge(agent, { stdout, code, late }, work, calls, exchanges) {
  const main = calls.filter((call) => isMain(call.body));
  const problems = [];
  const bad = exchanges.filter((one) => one.status >= 400 && one.method === 'POST');
  const refused = calls.filter((call) => call.status === 400);
  if (refused.length > 0) {
    problems.push(`the upstream refused: ${refused[0].said}`);
  }

  if (bad.length > 0) {
    problems.push(`${bad.length}x ${bad[0].status} at ${bad[0].path}: ${bad[0].answer.slice(0, 300)}`);
  }

  if (late) {
    problems.push(`not over after ${LONGEST / 1000} s`);
  } else if (code !== 0) {
    problems.push(`exit code ${code}`);
  }

  if (main.length === 0) {
    problems.push('the upstream saw no request with tools');
  }

  if (agent.image) {
    if (!stdout.includes(IMAGE_ANSWER)) {
      problems.push(`answered ${JSON.stringify(main.at(-1)?.said?.text ?? stdout.slice(-200))}`);
    }
  } else {
    const file = await readFile(join(work, 'note.txt'), 'utf8').catch(() => null);
    if (file?.trim() !== CONTENT) {
      problems.push(file === null ? 'no file was written' : `the file says ${JSON.stringify(file)}`);
    }

    if (!stdout.includes(ANSWER)) {
      problems.push(`answered ${JSON.stringify(main.at(-1)?.said?.text ?? stdout.slice(-200))}`);
    }
  }

  problems.push(...changedPrefixes(main));
  return problems.length === 0 ? 'ok' : problems.join('; ').replaceAll('|', '/').replaceAll('\n', ' ');
}

/** What a model is sent in one turn stands at the start of what it is sent in the next: its cache of prompts depends on it. */
function changedPrefixes(calls) {
  const problems = [];
  for (const [model, turns] of Map.groupBy(calls, (call) => call.model)) {
    for (let turn = 1; turn < turns.length; turn++) {
      const [before, after] = [turns[turn - 1].body, turns[turn].body];
      const drafts = model.endsWith('writer') ? 1 : 0; // The synthesizer's last message holds the drafts of its turn.
      const common = before.messages.length - drafts;
      const changed = before.messages.slice(0, common).findIndex((message, index) => JSON.stringify(message) !== JSON.stringify(after.messages[index]));
      if (changed >= 0 && after.messages.length > before.messages.length) {
        problems.push(`${model}: messages[${changed}] (${before.messages[changed].role}) changed between turns ${turn} and ${turn + 1}`);
      }

      if (JSON.stringify(before.tools) !== JSON.stringify(after.tools)) {
        problems.push(`${model}: the tools changed between turns ${turn} and ${turn + 1}`);
      }
    }
  }

  return problems.slice(0, 2);
}

async function keep(agent, stage, verdict, ended, calls, gateway) {
  const folder = join(out, agent.name.replace('/', '-'), stage);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'verdict.txt'), `${verdict}\nexit ${ended.code}\n\n--- stdout\n${ended.stdout}\n--- stderr\n${ended.stderr}\n--- gateway\n${gateway.log()}`);
  await writeFile(join(folder, 'upstream.json'), JSON.stringify(calls, null, 1));
  await writeFile(join(folder, 'client.json'), JSON.stringify(gateway.exchanges.map((one) => ({ ...one, body: decoded(one) })), null, 1));
}

function decoded({ headers, body }) {
  try {
    const plain = headers['content-encoding'] === 'zstd' ? zstdDecompressSync(body) : headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
    return JSON.parse(plain);
  } catch {
    return body.toString();
  }
}
