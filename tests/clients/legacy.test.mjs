import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI from 'openai';
import { collect, connect } from './gateway.mjs';

const client = connect();

test('a prompt is completed', async () => {
  const completion = await client.completions.create({ model: 'echo', prompt: 'Hello?', max_tokens: 20 });

  assert.equal(completion.object, 'text_completion');
  assert.equal(completion.choices[0].text, 'Grüße, 世界 👋');
  assert.equal(completion.choices[0].finish_reason, 'stop');
  assert.equal(completion.usage.total_tokens, 18);
});

test('a completion streams', async () => {
  const chunks = await collect(await client.completions.create({ model: 'best', prompt: 'Hello?', stream: true, stream_options: { include_usage: true } }));

  assert.equal(chunks.map((chunk) => chunk.choices[0]?.text ?? '').join(''), 'Red and green.');
  assert.ok(chunks.at(-1).usage.total_tokens > 0);
});

test('what a completion cannot do is an error that is not retried', async () => {
  const patient = connect({ maxRetries: 2 });

  await assert.rejects(patient.completions.create({ model: 'echo', prompt: 'x', echo: true }), (error) => error.code === 'unsupported_legacy_param');
  assert.equal(patient.sent, 1);
});

for (const encoding_format of [undefined, 'float']) {
  test(`embeddings are numbers: ${encoding_format ?? 'as the client asks by itself'}`, async () => {
    const { data, usage } = await client.embeddings.create({ model: 'echo', input: ['red', 'green', 'red'], encoding_format });

    assert.equal(data.length, 3);
    assert.equal(data[0].embedding.length, 8);
    assert.deepEqual(data[0].embedding, data[2].embedding);
    assert.ok(Math.abs(data[0].embedding.reduce((sum, x) => sum + x * x, 0) - 1) < 1e-5);
    assert.ok(usage.prompt_tokens > 0);
  });
}

test('an ensemble has no embeddings', async () => {
  await assert.rejects(client.embeddings.create({ model: 'best', input: 'x' }), (error) => error instanceof OpenAI.APIError && error.code === 'embeddings_not_supported');
});
