import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI from 'openai';
import { ask, callsTo, collect, connect, textOf } from './gateway.mjs';

const picture = [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AQID' } }] }];

test('a rate limit is waited out for as long as the upstream asked', async () => {
  const client = connect({ maxRetries: 2 });
  const start = performance.now();

  const completion = await client.chat.completions.create(ask('busy'));

  assert.equal(completion.choices[0].message.content, 'at last');
  assert.equal(client.sent, 2);
  assert.equal((await callsTo('busy')).length, 2);
  assert.ok(performance.now() - start >= 990, 'left to itself the client waits half a second');
});

test('a stream refused at first is retried before its head', async () => {
  const client = connect({ maxRetries: 2 });

  const chunks = await collect(await client.chat.completions.create(ask('busy-stream', { stream: true })));

  assert.equal(textOf(chunks), 'at last');
  assert.equal(client.sent, 3);
});

test('a rate limit that lasts is a RateLimitError', async () => {
  const client = connect({ maxRetries: 2 });

  await assert.rejects(client.chat.completions.create(ask('busy-forever')), OpenAI.RateLimitError);

  assert.equal(client.sent, 3);
  assert.equal((await callsTo('busy-forever')).length, 3);
});

test('a server error is retried', async () => {
  const client = connect({ maxRetries: 1 });

  const completion = await client.chat.completions.create(ask('stumbles'));

  assert.equal(completion.choices[0].message.content, 'up again');
  assert.equal(client.sent, 2);
});

for (const stream of [false, true]) {
  test(`what is not supported is not tried again: ${stream ? 'streamed' : 'buffered'}`, async () => {
    const client = connect({ maxRetries: 2 });

    await assert.rejects(client.chat.completions.create({ model: 'echo', messages: picture, stream }), (error) => {
      assert.ok(error instanceof OpenAI.InternalServerError);
      assert.deepEqual([error.status, error.code], [501, 'vision_not_supported']);
      assert.equal(error.headers.get('x-should-retry'), 'false');
      return true;
    });

    assert.equal(client.sent, 1);
  });
}

test('a client error is not tried again', async () => {
  const client = connect({ maxRetries: 2 });

  await assert.rejects(client.chat.completions.create(ask('nobody')), OpenAI.NotFoundError);

  assert.equal(client.sent, 1);
});
