import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { APICallError, embedMany, generateObject, generateText, stepCountIs, streamText, tool } from 'ai';
import { z } from 'zod';
import { abortedCallsTo, apiKey, baseURL, callsTo } from './gateway.mjs';

const gateway = createOpenAICompatible({ name: 'synthwave', baseURL, apiKey, includeUsage: true, supportsStructuredOutputs: true });
const weather = () => tool({
  description: 'Weather of a city',
  inputSchema: z.object({ city: z.string() }).loose(),
  execute: async ({ city }) => `4 degrees in ${city}`,
});

for (const [model, expected] of [['echo', 'Grüße, 世界 👋'], ['best', 'Red and green.']]) {
  test(`text is generated: ${model}`, async () => {
    const { text, usage, finishReason } = await generateText({ model: gateway(model), prompt: 'Hello?', maxRetries: 0 });

    assert.deepEqual([text, finishReason], [expected, 'stop']);
    assert.ok(usage.totalTokens > 0);
  });

  test(`text is streamed: ${model}`, async () => {
    const result = streamText({ model: gateway(model), prompt: 'Hello?', maxRetries: 0 });
    let text = '';
    for await (const piece of result.textStream) {
      text += piece;
    }

    assert.equal(text, expected);
    assert.ok((await result.usage).totalTokens > 0);
  });
}

for (const stream of [false, true]) {
  test(`a tool is called and its result answered: ${stream ? 'streamed' : 'buffered'}`, async () => {
    const options = { model: gateway('forecaster'), prompt: 'Weather?', tools: { weather: weather() }, stopWhen: stepCountIs(2), maxRetries: 0 };
    const text = stream ? await streamText(options).text : (await generateText(options)).text;

    assert.equal(text, 'The tool says: 4 degrees in Reykjavik');
  });
}

test('an object is generated', async () => {
  const { object } = await generateObject({ model: gateway('json'), schema: z.object({ name: z.string(), age: z.number() }), prompt: 'Who?', maxRetries: 0 });

  assert.deepEqual(object, { name: 'Ada', age: 36 });
  assert.equal((await callsTo('json')).at(-1).response_format.type, 'json_schema');
});

test('an image reaches a model that sees', async () => {
  const image = Buffer.from('R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==', 'base64');
  const { text } = await generateText({ model: gateway('seer'), messages: [{ role: 'user', content: [{ type: 'text', text: 'What?' }, { type: 'image', image }] }], maxRetries: 0 });

  assert.equal(text, 'a dot');
});

test('a completion model completes', async () => {
  const { text } = await generateText({ model: gateway.completionModel('echo'), prompt: 'Hello?', maxRetries: 0 });

  assert.equal(text, 'Grüße, 世界 👋');
});

test('values are embedded', async () => {
  const { embeddings } = await embedMany({ model: gateway.textEmbeddingModel('echo'), values: ['red', 'green'], maxRetries: 0 });

  assert.deepEqual(embeddings.map((e) => e.length), [8, 8]);
});

test('errors say what they are and whether to try again', async () => {
  const failing = (model) => generateText({ model: gateway(model), prompt: 'x', maxRetries: 0 });

  await assert.rejects(failing('nobody'), (error) => APICallError.isInstance(error) && error.statusCode === 404 && !error.isRetryable);
  await assert.rejects(failing('status-503'), (error) => APICallError.isInstance(error) && error.statusCode === 503 && error.isRetryable);
});

test('an aborted stream gives up its call', async () => {
  const before = await callsTo('stalls-for-abort');
  const stop = new AbortController();
  const result = streamText({ model: gateway('stalls-for-abort'), prompt: 'x', abortSignal: stop.signal, maxRetries: 0 });
  for await (const piece of result.fullStream) {
    if (piece.type === 'text-delta') {
      stop.abort();
    }
  }

  assert.equal(await abortedCallsTo('stalls-for-abort'), before.length + 1);
});
