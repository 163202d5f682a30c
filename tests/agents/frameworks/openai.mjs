import { ANSWER, EMBEDDING, HELLO, PERSON, SAID, SLOWLY, TASK, aborts, assert, baseURL, embeddingModel, from, join, readFile, refuses, writeFile } from './kit.mjs';

const load = from('sdks');
const { default: OpenAI } = await load('openai');
const { zodResponseFormat } = await load('openai/helpers/zod');
const { z } = await load('zod');

const client = new OpenAI({ baseURL, apiKey: 'none', maxRetries: 0 });
const ask = (content, more = {}) => ({ model: 'stage', messages: [{ role: 'user', content }], ...more });
const path = { type: 'string' };
const tool = (name, act, properties) => ({
  type: 'function',
  function: { name, parameters: { type: 'object', properties, required: Object.keys(properties) }, parse: JSON.parse, function: act },
});
const tools = [tool('write_file', writeFile, { path, content: path }), tool('read_file', readFile, { path })];

export const cases = {
  plain: async () => assert.equal((await client.chat.completions.create(ask(HELLO))).choices[0].message.content, SAID),
  stream: async () => assert.equal(await join(await client.chat.completions.create(ask(HELLO, { stream: true })), (chunk) => chunk.choices[0]?.delta.content), SAID),
  tools: async () => {
    assert.equal(await client.chat.completions.runTools(ask(TASK, { tools })).finalContent(), ANSWER);
    assert.equal(await client.chat.completions.runTools(ask(TASK, { tools, stream: true })).finalContent(), ANSWER);
  },
  structured: async () => {
    const format = zodResponseFormat(z.object({ name: z.string(), age: z.number() }), 'person');
    assert.deepEqual((await client.chat.completions.parse(ask(HELLO, { response_format: format }))).choices[0].message.parsed, PERSON);
  },
  embeddings: async () => assert.deepEqual((await client.embeddings.create({ model: embeddingModel, input: ['a', 'b'] })).data.map((one) => one.embedding), [EMBEDDING, EMBEDDING]),
  abort: () => aborts((signal) => client.chat.completions.create(ask(SLOWLY, { stream: true }), { signal })),
  errors: () => refuses(() => client.chat.completions.create({ ...ask(HELLO), model: 'nobody' })),
  usage: async () => {
    assert.ok((await client.chat.completions.create(ask(HELLO))).usage.total_tokens > 0);
    const chunks = await client.chat.completions.create(ask(HELLO, { stream: true, stream_options: { include_usage: true } }));
    let usage = null;
    for await (const chunk of chunks) {
      usage = chunk.usage ?? usage;
    }

    assert.ok(usage.total_tokens > 0);
  },
};
