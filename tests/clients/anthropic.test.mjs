import assert from 'node:assert/strict';
import { test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { jsonSchemaOutputFormat } from '@anthropic-ai/sdk/helpers/json-schema';
import { abortedCallsTo, apiKey, baseURL, callsTo, claudeCalls } from './gateway.mjs';

const connect = (options = {}) => new Anthropic({ baseURL: baseURL.replace(/\/v1$/, ''), apiKey, maxRetries: 0, timeout: 30_000, ...options });
const client = connect();
const ask = (model, more = {}) => ({ model, max_tokens: 1000, messages: [{ role: 'user', content: 'Hello?' }], ...more });
const tools = [{ name: 'weather', description: 'Weather of a city', input_schema: { type: 'object', properties: { city: { type: 'string' } } } }];
const textOf = (message) => message.content.filter((block) => block.type === 'text').map((block) => block.text).join('');

for (const [model, expected] of [['echo', 'Grüße, 世界 👋'], ['best', 'Red and green.'], ['relay', 'Grüße, 世界 👋']]) {
  test(`a message is answered: ${model}`, async () => {
    const message = await client.messages.create(ask(model, { system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }] }));

    assert.equal(textOf(message), expected);
    assert.deepEqual([message.type, message.role, message.stop_reason], ['message', 'assistant', 'end_turn']);
    assert.ok(message.usage.input_tokens > 0);
    assert.ok(message._request_id.startsWith('metamodel-'));
  });

  test(`the stream helper puts the message together: ${model}`, async () => {
    let text = '';
    const stream = client.messages.stream(ask(model)).on('text', (piece) => (text += piece));

    const message = await stream.finalMessage();

    assert.equal(text, expected);
    assert.equal(textOf(message), expected);
    assert.ok(message.usage.output_tokens > 0);
  });
}

for (const stream of [false, true]) {
  test(`a tool is used over two turns: ${stream ? 'streamed' : 'buffered'}`, async () => {
    const send = (body) => (stream ? client.messages.stream(body).finalMessage() : client.messages.create(body));
    const first = await send(ask('forecaster', { tools }));
    const call = first.content.find((block) => block.type === 'tool_use');
    const second = await send(ask('forecaster', {
      tools,
      messages: [
        ...ask('forecaster').messages,
        { role: 'assistant', content: first.content },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: '4 degrees' }] },
      ],
    }));

    assert.equal(first.stop_reason, 'tool_use');
    assert.deepEqual(call.input, { city: 'Reykjavik', unit: 'celsius', days: [1, 2, 3] });
    assert.equal(textOf(second), 'The tool says: 4 degrees');
    assert.deepEqual((await callsTo('forecaster')).at(-1).messages.map((message) => message.role), ['user', 'assistant', 'tool']);
  });
}

test('an image reaches a model that sees', async () => {
  const data = 'R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==';
  const message = await client.messages.create(ask('seer', {
    messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'base64', media_type: 'image/gif', data } }, { type: 'text', text: 'What?' }] }],
  }));

  assert.equal(textOf(message), 'a dot');
  assert.equal((await callsTo('seer')).at(-1).messages[0].content[0].image_url.url, `data:image/gif;base64,${data}`);
});

for (const stream of [false, true]) {
  test(`structured output is parsed: ${stream ? 'streamed' : 'buffered'}`, async () => {
    const format = jsonSchemaOutputFormat({
      type: 'object',
      properties: { name: { type: 'string' }, age: { type: 'integer' } },
      required: ['name', 'age'],
      additionalProperties: false,
    });
    const params = ask('json', { output_config: { format } });

    const message = stream ? await client.messages.stream(params).finalMessage() : await client.messages.parse(params);

    assert.deepEqual(message.parsed_output, { name: 'Ada', age: 36 });
    assert.deepEqual((await callsTo('json')).at(-1).response_format.json_schema.schema.required, ['name', 'age']);
  });
}

test('thinking of a model behind Anthropic comes signed and goes back', async () => {
  const thinking = { type: 'enabled', budget_tokens: 1024 };
  const first = await client.messages.stream(ask('thinker', { max_tokens: 2000, thinking, tools })).finalMessage();
  const call = first.content.find((block) => block.type === 'tool_use');
  const second = await client.messages.create(ask('thinker', {
    max_tokens: 2000,
    thinking,
    tools,
    messages: [
      ...ask('thinker').messages,
      { role: 'assistant', content: first.content },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: 'rain' }] },
    ],
  }));

  assert.deepEqual(first.content.map((block) => block.type), ['thinking', 'tool_use']);
  assert.equal(first.content[0].thinking, 'it may rain');
  assert.equal(textOf(second), 'Rain.');
});

for (const [model, stream] of [['searcher', false], ['searcher', true], ['search-relay', false], ['search-relay', true]]) {
  test(`tools of Anthropic's servers work through the tool runner: ${model}, ${stream ? 'streamed' : 'buffered'}`, async () => {
    const before = (await claudeCalls()).length;
    const inputs = [];
    const runner = client.beta.messages.toolRunner({
      ...ask(model),
      stream,
      thread: false,
      tools: [
        { type: 'web_search_20250305', name: 'web_search' },
        {
          name: 'weather',
          description: 'Weather of a city',
          input_schema: { type: 'object', properties: { city: { type: 'string' } } },
          parse: (input) => input,
          run: (input) => {
            inputs.push(input);
            return 'rain';
          },
        },
      ],
    });
    const replies = [];
    for await (const item of runner) {
      replies.push(stream ? await item.finalMessage() : item);
    }

    assert.deepEqual(replies.map((reply) => reply.stop_reason), ['pause_turn', 'tool_use', 'end_turn']);
    assert.deepEqual(replies[0].content.map((block) => block.type), ['text', 'server_tool_use']);
    assert.deepEqual(replies[0].content[1].input, { query: 'weather' });
    assert.deepEqual(replies[1].content.map((block) => block.type), ['web_search_tool_result', 'text', 'tool_use']);
    assert.equal(replies[1].content[1].citations[0].encrypted_index, 'i1');
    assert.equal(replies[1].content[2].caller.tool_id, 'srvtoolu_1');
    assert.equal(replies[1].container.id, 'container_1');
    assert.equal(replies[2].usage.service_tier, 'priority');
    assert.equal(replies[2].usage.server_tool_use.web_search_requests, 1);
    assert.equal(textOf(replies[2]), 'It rains.');
    assert.deepEqual(inputs, [{ city: 'Bergen' }]);
    const calls = (await claudeCalls()).slice(before);
    assert.deepEqual(calls.map((call) => call.container), [undefined, 'container_1', 'container_1']);
    const history = calls[2].messages.flatMap((message) => (typeof message.content === 'string' ? [] : message.content));
    for (const block of [...replies[0].content, ...replies[1].content]) {
      assert.ok(history.some((sent) => sent.type === block.type), block.type);
    }

    assert.equal(history.find((block) => block.type === 'web_search_tool_result').content[0].encrypted_content, 'abc');
    assert.equal(history.find((block) => block.citations?.length > 0).citations[0].encrypted_index, 'i1');
  });
}

test('tokens are counted', async () => {
  const { input_tokens: tokens } = await client.messages.countTokens({ model: 'best', messages: [{ role: 'user', content: 'word '.repeat(400) }] });

  assert.ok(tokens > 300 && tokens < 1200, String(tokens));
});

test('models are listed and looked up', async () => {
  const ids = [];
  for await (const model of client.models.list()) {
    ids.push(model.id);
  }

  assert.ok(ids.includes('best') && ids.includes('panel'));
  assert.equal((await client.models.retrieve('best')).type, 'model');
});

test('errors have their class', async () => {
  await assert.rejects(connect({ apiKey: 'wrong' }).messages.create(ask('echo')), Anthropic.AuthenticationError);
  await assert.rejects(client.messages.create(ask('nobody')), Anthropic.NotFoundError);
  await assert.rejects(client.messages.create(ask('echo', { messages: [] })), Anthropic.BadRequestError);
  await assert.rejects(client.messages.create(ask('status-429')), Anthropic.RateLimitError);
  await assert.rejects(client.messages.create(ask('status-503')), Anthropic.InternalServerError);
});

test('a stream that breaks raises', async () => {
  await assert.rejects(client.messages.stream(ask('breaks')).finalMessage(), Anthropic.APIError);
});

test('an aborted stream gives up its call', async () => {
  const before = await callsTo('stalls-for-abort');
  const stream = client.messages.stream(ask('stalls-for-abort'));
  await new Promise((resolve) => stream.once('text', resolve));
  stream.abort();

  await assert.rejects(stream.finalMessage(), Anthropic.APIUserAbortError);
  assert.equal(await abortedCallsTo('stalls-for-abort'), before.length + 1);
});
