// A chat upstream that plays script.mjs. The model's id says how strict it is: the part before the first dot, as in "text-only.draft".
import http from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { next, SLOW_ANSWER } from './script.mjs';
import { faults, thoughtOf } from './strict.mjs';

const KINDS = ['plain', 'fails', ...Object.keys(faults)];
const MODELS = KINDS.flatMap((kind) => [kind, ...['draft-a', 'draft-b', 'writer'].map((role) => `${kind}.${role}`)]);

/** Starts the upstream. `calls` holds every request, in order: { model, body, status, said }. */
export async function startUpstream() {
  const calls = [];
  const server = http.createServer((request, response) => answer(request, response, calls).catch((error) => {
    response.destroy(error);
  }));
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  return { calls, baseURL: `http://127.0.0.1:${server.address().port}/v1`, stop: () => { server.closeAllConnections(); server.close(); } };
}

export async function bodyOf(stream) {
  const pieces = [];
  for await (const piece of stream) {
    pieces.push(piece);
  }

  return Buffer.concat(pieces);
}

async function answer(request, response, calls) {
  const body = await bodyOf(request);
  if (request.method !== 'POST') {
    return json(response, 200, { object: 'list', data: MODELS.map((id) => ({ id, object: 'model' })) });
  }

  const sent = JSON.parse(body);
  if (request.url.endsWith('/embeddings')) {
    return embeddings(response, sent);
  }

  const kind = sent.model.split('.')[0];
  const fault = faults[kind]?.(sent) ?? null;
  const call = { model: sent.model, path: request.url, body: sent, status: fault ? 400 : 200 };
  calls.push(call);
  if (fault) {
    call.said = fault;
    return json(response, 400, { error: { message: fault, type: 'invalid_request_error', param: null, code: null } });
  }

  if (kind === 'fails') {
    call.status = 503;
    return json(response, 503, { error: { message: 'overloaded', type: 'server_error', param: null, code: null } });
  }

  const said = next(sent, sent.model);
  call.said = said;
  const thought = kind === 'wants-reasoning' && said.call ? { reasoning_content: thoughtOf(said.call.id) } : {};
  if (said.text === SLOW_ANSWER) {
    response.on('close', () => (call.aborted = !response.writableEnded));
    if (!sent.stream) {
      await wait(3000);
    }
  }

  const usage = { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 };
  const head = { id: `chatcmpl-${calls.length}`, created: 1700000000, model: sent.model };
  const message = said.call
    ? { role: 'assistant', content: said.text, ...thought, tool_calls: [{ id: said.call.id, type: 'function', function: { name: said.call.name, arguments: said.call.arguments } }] }
    : { role: 'assistant', content: said.text };
  const finish = said.call ? 'tool_calls' : 'stop';
  if (!sent.stream) {
    return json(response, 200, { ...head, object: 'chat.completion', choices: [{ index: 0, message, finish_reason: finish }], usage });
  }

  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const event = (delta, reason = null) => response.write(`data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: reason }] })}\n\n`);
  event({ role: 'assistant', content: '' });
  for (const piece of pieces(thought.reasoning_content ?? '')) {
    event({ reasoning_content: piece });
  }

  for (const piece of pieces(said.text)) {
    event({ content: piece });
    if (said.text === SLOW_ANSWER) {
      await wait(100);
    }
  }

  if (said.call) {
    event({ tool_calls: [{ index: 0, id: said.call.id, type: 'function', function: { name: said.call.name, arguments: '' } }] });
    for (const piece of pieces(said.call.arguments)) {
      event({ tool_calls: [{ index: 0, function: { arguments: piece } }] });
    }
  }

  event({}, finish);
  if (sent.stream_options?.include_usage) {
    response.write(`data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices: [], usage })}\n\n`);
  }

  response.end('data: [DONE]\n\n');
}

const pieces = (text) => text.match(/[^]{1,12}/g) ?? [];

function embeddings(response, { model, input, encoding_format: encoding }) {
  const values = [0.25, -0.5, 0.75, 1];
  const embedding = encoding === 'base64' ? Buffer.from(new Float32Array(values).buffer).toString('base64') : values;
  const count = Array.isArray(input) ? input.length : 1;
  const data = Array.from({ length: count }, (_, index) => ({ object: 'embedding', index, embedding }));
  json(response, 200, { object: 'list', model, data, usage: { prompt_tokens: 2, total_tokens: 2 } });
}

function json(response, status, value) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}
