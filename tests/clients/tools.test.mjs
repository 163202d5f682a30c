import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, callsTo, collect, connect } from './gateway.mjs';

const client = connect();
const argumentsText = '{"city":"Reykjavik","unit":"celsius","days":[1,2,3]}';
const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const tools = [{ type: 'function', function: { name: 'weather', description: 'Weather of a city', parameters } }];

for (const model of ['forecaster', 'tool-relay']) {
  test(`a tool call and its result make two turns: ${model}`, async () => {
    const first = await client.chat.completions.create(ask(model, { tools }));
    const { message, finish_reason: reason } = first.choices[0];
    const messages = [...ask(model).messages, message, { role: 'tool', tool_call_id: message.tool_calls[0].id, content: '4 degrees' }];
    const second = await client.chat.completions.create({ model, tools, messages });

    assert.equal(reason, 'tool_calls');
    assert.deepEqual(message.tool_calls, [{ id: 'call_weather_1', type: 'function', function: { name: 'weather', arguments: argumentsText } }]);
    assert.equal(second.choices[0].message.content, 'The tool says: 4 degrees');
    const sent = (await callsTo('forecaster')).at(-1);
    assert.deepEqual(sent.tools, tools);
    assert.deepEqual(sent.messages, messages);
  });

  test(`a streamed tool call arrives as it is written: ${model}`, async () => {
    const chunks = await collect(await client.chat.completions.create(ask(model, { tools, stream: true })));

    const deltas = chunks.flatMap((chunk) => chunk.choices[0].delta.tool_calls ?? []);
    const pieces = deltas.map((delta) => delta.function.arguments ?? '').filter((piece) => piece.length > 0);
    assert.deepEqual([deltas[0].id, deltas[0].function.name], ['call_weather_1', 'weather']);
    assert.ok(deltas.every((delta) => delta.index === 0));
    assert.ok(pieces.length > 3);
    assert.equal(pieces.join(''), argumentsText);
    assert.equal(chunks.at(-1).choices[0].finish_reason, 'tool_calls');
  });
}

test('the stream helper puts a tool call together', async () => {
  const pieces = [];
  const stream = client.chat.completions
    .stream(ask('forecaster', { tools }))
    .on('tool_calls.function.arguments.delta', (event) => pieces.push(event.arguments_delta));

  const message = await stream.finalMessage();

  assert.equal(pieces.join(''), argumentsText);
  assert.equal(message.tool_calls[0].id, 'call_weather_1');
  assert.equal(message.tool_calls[0].function.arguments, argumentsText);
});

for (const stream of [false, true]) {
  test(`the tool runner calls the function and gives its result back: ${stream ? 'streamed' : 'buffered'}`, async () => {
    const seen = [];
    const weather = {
      type: 'function',
      function: {
        name: 'weather',
        parameters,
        parse: JSON.parse,
        function: (args) => {
          seen.push(args);
          return `${args.city}: 4 degrees`;
        },
      },
    };

    const runner = client.chat.completions.runTools(ask('forecaster', { stream, tools: [weather] }));

    assert.equal(await runner.finalContent(), 'The tool says: Reykjavik: 4 degrees');
    assert.deepEqual(seen, [JSON.parse(argumentsText)]);
  });
}
