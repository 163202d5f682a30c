import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { test } from 'node:test';
import OpenAI from 'openai';
import { abortedCallsTo, ask, connect } from './gateway.mjs';

const client = connect();

/** The error of a request that must fail, buffered and streamed alike. */
async function failure(request, from = client) {
  const errors = [];
  for (const stream of [false, true]) {
    await assert.rejects(from.chat.completions.create({ ...request, stream }), (error) => errors.push(error) > 0);
  }

  const [whole, streamed] = errors;
  assert.equal(whole.constructor, streamed.constructor);
  assert.deepEqual([whole.status, whole.code, whole.type, whole.param], [streamed.status, streamed.code, streamed.type, streamed.param]);
  return whole;
}

test('a wrong token is an AuthenticationError', async () => {
  const error = await failure(ask('echo'), connect({ apiKey: 'wrong' }));

  assert.ok(error instanceof OpenAI.AuthenticationError);
  assert.equal(error.status, 401);
  assert.equal(error.code, 'invalid_api_key');
  assert.equal(error.headers.get('www-authenticate'), 'Bearer');
});

test('a missing token is an AuthenticationError', async () => {
  const error = await failure(ask('echo'), connect({ defaultHeaders: { Authorization: null } }));

  assert.ok(error instanceof OpenAI.AuthenticationError);
  assert.equal(error.code, 'missing_api_key');
});

test('an unknown model is a NotFoundError', async () => {
  const error = await failure(ask('nobody'));

  assert.ok(error instanceof OpenAI.NotFoundError);
  assert.deepEqual([error.status, error.code, error.type, error.param], [404, 'model_not_found', 'not_found_error', 'model']);
  assert.match(error.requestID, /^metamodel-[0-9a-f]{24}$/);
});

test('a bad parameter is a BadRequestError that names it', async () => {
  const error = await failure(ask('echo', { temperature: 3 }));

  assert.ok(error instanceof OpenAI.BadRequestError);
  assert.deepEqual([error.status, error.type, error.param], [400, 'invalid_request_error', 'temperature']);
});

test('contradicting limits are a BadRequestError', async () => {
  const error = await failure(ask('echo', { max_tokens: 5, max_completion_tokens: 6 }));

  assert.ok(error instanceof OpenAI.BadRequestError);
  assert.equal(error.code, 'conflicting_params');
});

test('a body over the limit is a 413', async () => {
  const error = await failure({ model: 'echo', messages: [{ role: 'user', content: 'x'.repeat(1_100_000) }] });

  assert.ok(error instanceof OpenAI.APIError);
  assert.deepEqual([error.status, error.code], [413, 'request_too_large']);
});

for (const [status, type] of [
  [400, OpenAI.BadRequestError],
  [409, OpenAI.ConflictError],
  [422, OpenAI.UnprocessableEntityError],
  [429, OpenAI.RateLimitError],
  [500, OpenAI.InternalServerError],
  [502, OpenAI.InternalServerError],
  [503, OpenAI.InternalServerError],
  [504, OpenAI.InternalServerError],
]) {
  test(`an upstream's ${status} is a ${type.name}`, async () => {
    const error = await failure(ask(`status-${status}`));

    assert.ok(error instanceof type);
    assert.equal(error.status, status);
    assert.match(error.message, /simulated status/);
    assert.equal(error.headers.get('retry-after'), { 429: '7', 503: '1' }[status] ?? null);
  });
}

test("an upstream that rejects the operator's key is no AuthenticationError", async () => {
  const error = await failure(ask('status-401'));

  assert.ok(error instanceof OpenAI.InternalServerError);
  assert.deepEqual([error.status, error.code], [502, 'upstream_auth_failed']);
});

test('a gateway that cannot be reached is an APIConnectionError', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');

  const error = await failure(ask('echo'), connect({ baseURL: `http://127.0.0.1:${port}/v1` }));

  assert.ok(error instanceof OpenAI.APIConnectionError);
  assert.equal(error.status, undefined);
});

test('a client that waits too long has an APIConnectionTimeoutError, and the upstream is let go', async () => {
  await assert.rejects(client.chat.completions.create(ask('silent-until-timeout'), { timeout: 300 }), OpenAI.APIConnectionTimeoutError);

  assert.equal(await abortedCallsTo('silent-until-timeout'), 1);
});
