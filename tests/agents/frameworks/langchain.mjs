import { ANSWER, EMBEDDING, HELLO, PERSON, SAID, SLOWLY, TASK, aborts, assert, baseURL, embeddingModel, from, join, readFile, refuses, writeFile } from './kit.mjs';

const load = from('langchain');
const { ChatOpenAI, OpenAIEmbeddings } = await load('@langchain/openai');
const { createAgent, tool } = await load('langchain');
const { z } = await load('zod');

const configuration = { baseURL };
const chat = (more = {}) => new ChatOpenAI({ model: 'stage', apiKey: 'none', maxRetries: 0, configuration, ...more });
const doors = [chat(), chat({ useResponsesApi: true })];
const tools = [
  tool(writeFile, { name: 'write_file', description: 'Writes', schema: z.object({ path: z.string(), content: z.string() }) }),
  tool(readFile, { name: 'read_file', description: 'Reads', schema: z.object({ path: z.string() }) }),
];
const everyDoor = async (check) => {
  for (const door of doors) {
    await check(door);
  }
};

export const cases = {
  plain: () => everyDoor(async (model) => assert.equal((await model.invoke(HELLO)).text, SAID)),
  stream: () => everyDoor(async (model) => assert.equal(await join(await model.stream(HELLO), (chunk) => chunk.text), SAID)),
  tools: () => everyDoor(async (model) => {
    const { messages } = await createAgent({ model, tools }).invoke({ messages: [{ role: 'user', content: TASK }] });
    assert.equal(messages.at(-1).text, ANSWER);
  }),
  structured: () => everyDoor(async (model) => {
    for (const method of ['jsonSchema', 'functionCalling']) {
      assert.deepEqual(await model.withStructuredOutput(z.object({ name: z.string(), age: z.number() }), { name: 'person', method }).invoke(HELLO), PERSON);
    }
  }),
  embeddings: async () => assert.deepEqual(await new OpenAIEmbeddings({ model: embeddingModel, apiKey: 'none', configuration }).embedDocuments(['a', 'b']), [EMBEDDING, EMBEDDING]),
  abort: () => everyDoor((model) => aborts((signal) => model.stream(SLOWLY, { signal }))),
  errors: () => refuses(() => chat({ model: 'nobody' }).invoke(HELLO)),
  usage: () => everyDoor(async (model) => {
    assert.ok((await model.invoke(HELLO)).usage_metadata.total_tokens > 0);
    let whole = null;
    for await (const chunk of await model.stream(HELLO)) {
      whole = whole ? whole.concat(chunk) : chunk;
    }

    assert.ok(whole.usage_metadata.total_tokens > 0);
  }),
};
