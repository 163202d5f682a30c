import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI from 'openai';
import { ask, collect, connect, nextToken, textOf } from './gateway.mjs';

const client = connect();

test('each token arrives before the upstream writes the next', { timeout: 20_000 }, async () => {
  const tokens = [];

  for await (const chunk of await client.chat.completions.create(ask('paced', { stream: true }))) {
    const text = chunk.choices[0]?.delta.content;
    if (text) {
      tokens.push(text);
      if (tokens.length < 5) {
        await nextToken();
      }
    }
  }

  assert.deepEqual(tokens, ['one', ' two', ' three', ' four', ' five']);
});

test('a stream names its role first and its finish reason and usage last', async () => {
  const chunks = await collect(await client.chat.completions.create(ask('echo', { stream: true, stream_options: { include_usage: true } })));

  assert.equal(chunks[0].choices[0].delta.role, 'assistant');
  assert.equal(textOf(chunks), 'Grüße, 世界 👋');
  assert.equal(chunks.at(-2).choices[0].finish_reason, 'stop');
  assert.deepEqual(chunks.at(-1).choices, []);
  assert.deepEqual(chunks.at(-1).usage, { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 });
  assert.ok(chunks.slice(0, -1).every((chunk) => !chunk.usage));
  assert.equal(new Set(chunks.map((chunk) => chunk.id)).size, 1);
});

test('a stream that was not asked for usage has none', async () => {
  const chunks = await collect(await client.chat.completions.create(ask('echo', { stream: true })));

  assert.ok(chunks.every((chunk) => !chunk.usage && chunk.choices.length === 1));
});

test('a streamed ensemble is one stream with the usage of all', async () => {
  const chunks = await collect(await client.chat.completions.create(ask('panel', { stream: true, stream_options: { include_usage: true } })));

  assert.equal(textOf(chunks), 'Red and green.');
  assert.deepEqual(chunks.flatMap((chunk) => chunk.choices[0]?.finish_reason ?? []), ['stop']);
  assert.equal(chunks.at(-1).usage.total_tokens, 74);
});

test('the stream helper puts the final message together', async () => {
  const deltas = [];
  const stream = client.chat.completions.stream(ask('panel', { stream_options: { include_usage: true } })).on('content', (delta) => deltas.push(delta));

  const completion = await stream.finalChatCompletion();

  assert.ok(deltas.length > 1);
  assert.equal(deltas.join(''), 'Red and green.');
  assert.equal(completion.choices[0].message.content, 'Red and green.');
  assert.equal(completion.choices[0].message.role, 'assistant');
  assert.equal(completion.choices[0].finish_reason, 'stop');
  assert.equal((await stream.totalUsage()).total_tokens, 74);
});

test('a failure before the first token is an error with its status', async () => {
  await assert.rejects(client.chat.completions.create(ask('status-503', { stream: true })), (error) => {
    assert.ok(error instanceof OpenAI.InternalServerError);
    assert.equal(error.status, 503);
    return true;
  });
});

test('a stream that breaks ends in the error of the gateway', async () => {
  const chunks = [];

  await assert.rejects(
    async () => {
      for await (const chunk of await client.chat.completions.create(ask('breaks', { stream: true }))) {
        chunks.push(chunk);
      }
    },
    (error) => {
      assert.ok(error instanceof OpenAI.APIError);
      assert.equal(error.code, 'upstream_error');
      assert.equal(error.type, 'api_error');
      assert.match(error.message, /breaks/);
      return true;
    },
  );

  assert.equal(textOf(chunks), 'one two three');
  assert.ok(chunks.every((chunk) => chunk.choices[0].finish_reason === null));
});

test('the stream helper does not take a broken stream for a message', async () => {
  const stream = client.chat.completions.stream(ask('breaks'));

  await assert.rejects(stream.finalChatCompletion(), (error) => error instanceof OpenAI.APIError && error.code === 'upstream_error');
});
