import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, callsTo, connect } from './gateway.mjs';

const client = connect();

test('a completion has its text, finish reason, model and usage', async () => {
  const completion = await client.chat.completions.create(ask('echo'));

  assert.equal(completion.object, 'chat.completion');
  assert.equal(completion.model, 'echo');
  assert.equal(completion.choices.length, 1);
  assert.equal(completion.choices[0].message.role, 'assistant');
  assert.equal(completion.choices[0].message.content, 'Grüße, 世界 👋');
  assert.equal(completion.choices[0].finish_reason, 'stop');
  assert.deepEqual(completion.usage, { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 });
});

test('everything the client sets reaches the upstream, known to the gateway or not', async () => {
  const request = ask('recorder', {
    temperature: 0.5,
    max_completion_tokens: 99,
    stop: ['END'],
    seed: 42,
    metadata: { trace: 'abc' },
    reasoning_effort: 'low',
    brand_new_member: { nested: [1, 2.5, '3'] },
  });

  await client.chat.completions.create(request);

  assert.deepEqual(await callsTo('recorder'), [request]);
});

test('an answer cut at the token limit says so', async () => {
  const completion = await client.chat.completions.create(ask('writer', { max_tokens: 2 }));

  assert.equal(completion.choices[0].message.content, 'Red and');
  assert.equal(completion.choices[0].finish_reason, 'length');
});

test('an ensemble answers as one model with the usage of all', async () => {
  const { data, response, request_id: requestId } = await client.chat.completions.create(ask('panel')).withResponse();

  assert.equal(data.choices[0].message.content, 'Red and green.');
  assert.deepEqual([data.usage.prompt_tokens, data.usage.completion_tokens, data.usage.total_tokens], [60, 14, 74]);
  assert.equal(response.headers.get('x-metamodel-synth-decision'), 'merged');
  assert.match(requestId, /^metamodel-[0-9a-f]{24}$/);
  assert.equal(data._request_id, requestId);
});

test('a cascade answers with its next member and the client notices nothing', async () => {
  const once = connect();

  const completion = await once.chat.completions.create(ask('relay'));

  assert.equal(completion.choices[0].message.content, 'Grüße, 世界 👋');
  assert.equal(once.sent, 1);
});

test('a JSON schema reaches the upstream and its JSON comes back', async () => {
  const format = {
    type: 'json_schema',
    json_schema: {
      name: 'person',
      strict: true,
      schema: {
        type: 'object',
        properties: { name: { type: 'string' }, age: { type: 'integer' } },
        required: ['name', 'age'],
        additionalProperties: false,
      },
    },
  };

  const completion = await client.chat.completions.create(ask('json', { response_format: format }));

  assert.deepEqual(JSON.parse(completion.choices[0].message.content), { name: 'Ada', age: 36 });
  assert.deepEqual((await callsTo('json')).at(-1).response_format, format);
});

test('the extension member picks a profile and asks for the trace', async () => {
  const completion = await client.chat.completions.create(ask('whatever', { x_meta_model: { profile: 'panel', trace: true } }));

  assert.equal(completion.x_meta_model.profile, 'panel');
  assert.deepEqual(completion.x_meta_model.calls.map((call) => call.upstream).sort(), ['draft-a', 'draft-b', 'writer']);
});
