import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI from 'openai';
import { zodTextFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { callsTo, connect } from './gateway.mjs';

const client = connect();
const tools = [{ type: 'function', name: 'weather', description: 'Weather of a city', parameters: { type: 'object', properties: {} }, strict: false }];

test('a response is created from a text', async () => {
  const response = await client.responses.create({ model: 'echo', instructions: 'Be brief.', input: 'Hello?', metadata: { k: 'v' } });

  assert.equal(response.output_text, 'Grüße, 世界 👋');
  assert.equal(response.status, 'completed');
  assert.match(response.id, /^resp_[0-9a-f]{24}$/);
  assert.deepEqual([response.usage.input_tokens, response.usage.output_tokens], [11, 7]);
  assert.deepEqual(response.metadata, { k: 'v' });
});

for (const model of ['echo', 'best', 'relay']) {
  test(`the stream helper follows the events to the final response: ${model}`, async () => {
    const seen = [];
    const stream = client.responses.stream({ model, input: [{ role: 'user', content: [{ type: 'input_text', text: 'Hello?' }] }] });
    let text = '';
    for await (const event of stream) {
      seen.push(event.type);
      text += event.type === 'response.output_text.delta' ? event.delta : '';
    }

    const final = await stream.finalResponse();

    assert.equal(seen[0], 'response.created');
    assert.equal(seen.at(-1), 'response.completed');
    assert.equal(final.output_text, text);
    assert.ok(text.length > 0);
    assert.ok(final.usage.total_tokens > 0);
  });
}

for (const stream of [false, true]) {
  test(`a function call and its output make two turns: ${stream ? 'streamed' : 'buffered'}`, async () => {
    const ask = (body) => (stream ? client.responses.stream(body).finalResponse() : client.responses.create(body));
    const first = await ask({ model: 'forecaster', input: 'Weather?', tools });
    const call = first.output.find((item) => item.type === 'function_call');
    const second = await ask({
      model: 'forecaster',
      previous_response_id: first.id,
      input: [{ type: 'function_call_output', call_id: call.call_id, output: '4 degrees' }],
      tools,
    });

    assert.equal(call.name, 'weather');
    assert.equal(JSON.parse(call.arguments).city, 'Reykjavik');
    assert.equal(second.output_text, 'The tool says: 4 degrees');
    assert.deepEqual((await callsTo('forecaster')).at(-1).messages.map((message) => message.role), ['user', 'assistant', 'tool']);
  });
}

test('structured output is parsed', async () => {
  const response = await client.responses.parse({
    model: 'json',
    input: 'Who?',
    text: { format: zodTextFormat(z.object({ name: z.string(), age: z.number() }), 'person') },
  });

  assert.deepEqual(response.output_parsed, { name: 'Ada', age: 36 });
  assert.equal((await callsTo('json')).at(-1).response_format.json_schema.name, 'person');
});

test('an image reaches a model that sees', async () => {
  const url = 'data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==';
  const response = await client.responses.create({
    model: 'seer',
    input: [{ role: 'user', content: [{ type: 'input_text', text: 'What?' }, { type: 'input_image', image_url: url, detail: 'low' }] }],
  });

  assert.equal(response.output_text, 'a dot');
  assert.deepEqual((await callsTo('seer')).at(-1).messages[0].content[1], { type: 'image_url', image_url: { url, detail: 'low' } });
});

test('a stored response is had again until it is deleted', async () => {
  const { id } = await client.responses.create({ model: 'echo', input: 'Hello?' });

  assert.equal((await client.responses.retrieve(id)).id, id);
  await client.responses.delete(id);
  await assert.rejects(client.responses.retrieve(id), OpenAI.NotFoundError);
});

test('errors have their class', async () => {
  await assert.rejects(client.responses.create({ model: 'nobody', input: 'x' }), OpenAI.NotFoundError);
  await assert.rejects(client.responses.create({ model: 'echo', input: 5 }), (error) => error instanceof OpenAI.BadRequestError && error.param === 'input');
  await assert.rejects(client.responses.create({ model: 'status-503', input: 'x' }), OpenAI.InternalServerError);
});

test('a stream that breaks is a failed response', async () => {
  const types = [];
  for await (const event of await client.responses.create({ model: 'breaks', input: 'x', stream: true })) {
    types.push(event.type);
  }

  assert.equal(types.at(-1), 'response.failed');
});
