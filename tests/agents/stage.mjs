// The gateway in front of the scripted upstream, and a recorder in front of the gateway.
import { spawn } from 'node:child_process';
import http from 'node:http';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { KNOWN } from './agents.mjs';
import { bodyOf } from './upstream.mjs';

export const STRICT = ['wants-reasoning', 'known-members', 'text-only', 'tool-order', 'capped', 'no-developer'];

/** What a stage can be: how the models are arranged behind the names an agent uses. */
export const STAGES = ['passthrough', 'cascade', 'moa', ...STRICT, ...STRICT.map((kind) => `moa-${kind}`)];

/** What the operator says of an upstream of each kind. */
const OPTIONS = {
  'text-only': 'modalities = ["text"]\nopenai = { text_content = "string" }',
  'no-developer': 'modalities = ["text", "image"]\nopenai = { developer_role = "system" }',
};

const upstream = (name, model, baseURL) => `
[upstreams."${name}"]
model_id = "${model}"
base_url = "${baseURL}"
context = 200000
max_output = ${model.startsWith('capped') ? 4096 : 32000}
${OPTIONS[model.split('.')[0]] ?? 'modalities = ["text", "image"]'}
`;

function configuration(stage, baseURL) {
  const names = ['stage', ...KNOWN];
  const aliases = JSON.stringify(names.slice(1));
  if (stage === 'cascade') {
    return `${upstream('fails', 'fails', baseURL)}retries = 0\n${upstream('plain', 'plain', baseURL)}
[profiles.stage]
type = "cascade"
upstreams = ["fails", "plain"]
aliases = ${aliases}
`;
  }

  if (stage.startsWith('moa')) {
    const kind = stage.slice(4) || 'plain';
    return `${['draft-a', 'draft-b', 'writer'].map((role) => upstream(role, `${kind}.${role}`, baseURL)).join('')}
[profiles.stage]
type = "moa"
generators = ["draft-a", "draft-b"]
synthesizer = "writer"
aliases = ${aliases}
`;
  }

  return names.map((name) => upstream(name, stage === 'passthrough' ? 'plain' : stage, baseURL)).join('');
}

/** `exchanges` holds what a client sent and got, in order. */
export async function startGateway(binary, stage, baseURL) {
  const folder = await mkdtemp(join(tmpdir(), 'stage-'));
  const port = await freePort();
  await writeFile(join(folder, 'meta-model.toml'), `[server]\nport = ${port}\nlog_format = "json"\n${configuration(stage, baseURL)}`);
  const [command, ...args] = binary.endsWith('.dll') ? ['dotnet', binary] : [binary];
  const child = spawn(command, [...args, 'serve', '--config', join(folder, 'meta-model.toml')], { stdio: ['ignore', 'pipe', 'pipe'] });
  const log = [];
  child.stdout.on('data', (piece) => log.push(piece));
  child.stderr.on('data', (piece) => log.push(piece));
  const until = Date.now() + 20_000;
  while (!(await fetch(`http://127.0.0.1:${port}/healthz`).then((answer) => answer.ok, () => false))) {
    if (child.exitCode !== null || Date.now() > until) {
      child.kill();
      throw new Error(`The gateway did not start: ${Buffer.concat(log)}`);
    }

    await wait(100);
  }

  const exchanges = [];
  const recorder = await record(port, exchanges);
  return {
    url: `http://127.0.0.1:${recorder.address().port}`,
    exchanges,
    log: () => Buffer.concat(log).toString(),
    stop: async () => {
      recorder.closeAllConnections();
      recorder.close();
      const ended = new Promise((exit) => child.once('exit', exit));
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function record(port, exchanges) {
  const server = http.createServer(async (request, response) => {
    try {
      const body = await bodyOf(request);
      const exchange = { method: request.method, path: request.url, headers: request.headers, body, status: 0, answer: '' };
      exchanges.push(exchange);
      const headers = { ...request.headers };
      delete headers['transfer-encoding'];
      const onward = http.request({ host: '127.0.0.1', port, method: request.method, path: request.url, headers: { ...headers, 'content-length': body.length } });
      onward.end(body);
      onward.on('error', () => response.destroy());
      onward.on('response', (answer) => {
        exchange.status = answer.statusCode;
        exchange.answerHeaders = answer.headers;
        response.writeHead(answer.statusCode, answer.headers);
        const pieces = [];
        answer.on('data', (piece) => {
          pieces.push(piece);
          response.write(piece);
        });
        answer.on('end', () => {
          exchange.answer = Buffer.concat(pieces).toString();
          response.end();
        });
        answer.on('error', () => response.destroy());
      });
      response.on('close', () => onward.destroy());
    } catch {
      response.destroy();
    }
  });
  server.on('upgrade', (request, socket) => {
    exchanges.push({ method: 'UPGRADE', path: request.url, headers: request.headers, body: Buffer.alloc(0), status: 426, answer: '' });
    socket.end('HTTP/1.1 426 Upgrade Required\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  return server;
}

async function freePort() {
  const server = http.createServer();
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}
