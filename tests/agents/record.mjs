// record.mjs OUT: makes fixtures of what the agents of the last run sent through a passthrough: nothing that changes from run to run, no paths of a machine, long texts cut.
// The ordinary tests replay them, without the agents.
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { agents } from './agents.mjs';
import { isMain } from './script.mjs';

const out = process.argv[2];
const lines = (values) => values.map((value) => JSON.stringify(value)).join(',\n');
const LONGEST = 120;
const WHOLE = new Set(['arguments', 'input', 'image_url', 'data', 'url', 'id', 'call_id', 'pattern']);

for (const agent of agents) {
  const folder = join(out, agent.name.replace('/', '-'), 'passthrough');
  if (!existsSync(join(folder, 'client.json')) || !(await readFile(join(folder, 'verdict.txt'), 'utf8')).startsWith('ok\n')) {
    continue;
  }

  const client = JSON.parse(await readFile(join(folder, 'client.json')));
  const upstream = JSON.parse(await readFile(join(folder, 'upstream.json')));
  const plain = stable();
  const requests = client.filter((one) => one.method === 'POST').map(({ path, headers, body, answer }) => ({
    path,
    headers: Object.fromEntries(Object.entries(headers).filter(([name]) => /^(anthropic-|accept$)/.test(name))),
    body: plain(body),
    // What the gateway called its items: later requests name them.
    given: [...new Set(answer.match(/\b(resp|msg|fc|rs|ctc)_[0-9a-f]{24}\b/g) ?? [])],
  }));
  const said = upstream.filter((call) => isMain(call.body)).map((call) => plain(call.said));
  const file = join(import.meta.dirname, 'fixtures', `${agent.name.replace('/', '-')}.json`);
  await mkdir(join(import.meta.dirname, 'fixtures'), { recursive: true });
  await writeFile(file, `{"agent":${JSON.stringify(agent.name)},\n"said":[\n${lines(said)}\n],\n"requests":[\n${lines(requests)}\n]}\n`);
}

// One number for each id that changes from run to run, the same in all requests of an agent.
function stable() {
  const seen = new Map();
  const number = (id) => {
    seen.set(id, seen.get(id) ?? String(seen.size + 1).padStart(12, '0'));
    return seen.get(id);
  };
  const text = (value, name) => {
    const clean = value
      .replace(/\/tmp\/work-\w+/g, '/project')
      .replace(/\/tmp\/home-\w+/g, '/home')
      .replaceAll(import.meta.dirname, '/agents')
      .replace(/http:\/\/127\.0\.0\.1:\d+/g, 'http://127.0.0.1:8400')
      .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, (id) => `00000000-0000-0000-0000-${number(id)}`)
      .replace(/\b[0-9a-f]{32}\b/g, (id) => `00000000000000000000${number(id)}`)
      .replace(/\b20\d\d-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?/g, '2026-01-01')
      .replace(/\b1[78]\d{11}\b/g, '1767225600000');
    return WHOLE.has(name) || clean.length <= LONGEST ? clean : `${[...clean].slice(0, LONGEST).join('')}…`;
  };
  const plain = (value, name) => {
    if (typeof value === 'string') {
      return text(value, name);
    }

    if (Array.isArray(value)) {
      return value.map((one) => plain(one, name));
    }

    return value && typeof value === 'object' ? Object.fromEntries(Object.entries(value).map(([member, one]) => [member, plain(one, member)])) : value;
  };
  return plain;
}
