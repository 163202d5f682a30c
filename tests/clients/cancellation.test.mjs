import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI from 'openai';
import { abortedCallsTo, ask, callsTo, connect } from './gateway.mjs';

const client = connect();

test('aborting a stream reaches the upstream', { timeout: 20_000 }, async () => {
  const controller = new AbortController();
  let text = '';

  // The client ends the loop over an aborted stream without an error.
  for await (const chunk of await client.chat.completions.create(ask('stalls', { stream: true }), { signal: controller.signal })) {
    text += chunk.choices[0].delta.content ?? '';
    if (text === 'one two') {
      controller.abort();
    }
  }

  assert.equal(text, 'one two');
  assert.equal(await abortedCallsTo('stalls'), 1);
});

test('leaving the loop over a stream reaches the upstream', { timeout: 20_000 }, async () => {
  for await (const chunk of await client.chat.completions.create(ask('stalls-for-break', { stream: true }))) {
    if (chunk.choices[0].delta.content === 'one') {
      break;
    }
  }

  assert.equal(await abortedCallsTo('stalls-for-break'), 1);
});

test('aborting the stream helper is an APIUserAbortError and reaches the upstream', { timeout: 20_000 }, async () => {
  const stream = client.chat.completions.stream(ask('stalls-for-helper'));
  stream.on('content', () => stream.abort());

  await assert.rejects(stream.finalChatCompletion(), OpenAI.APIUserAbortError);

  assert.equal(await abortedCallsTo('stalls-for-helper'), 1);
});

test('aborting a buffered call is an APIUserAbortError and reaches the upstream', { timeout: 20_000 }, async () => {
  const controller = new AbortController();
  const asking = client.chat.completions.create(ask('silent'), { signal: controller.signal });
  const failing = assert.rejects(asking, OpenAI.APIUserAbortError);
  while ((await callsTo('silent')).length === 0) {
    // Each look is a round trip: the call is on its way.
  }

  controller.abort();

  await failing;
  assert.equal(await abortedCallsTo('silent'), 1);
});
