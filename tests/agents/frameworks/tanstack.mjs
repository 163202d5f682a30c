import { ANSWER, EMBEDDING, HELLO, PERSON, SAID, SLOWLY, TASK, aborts, assert, baseURL, embeddingModel, from, join, readFile, refuses, writeFile } from './kit.mjs';

const load = from('tanstack');
const { chat, embed, maxIterations, toolDefinition } = await load('@tanstack/ai');
const { createOpenaiChat, createOpenaiChatCompletions, createOpenaiEmbedding } = await load('@tanstack/ai-openai');
const { z } = await load('zod');

const doors = [(name) => createOpenaiChat(name, 'none', { baseURL, maxRetries: 0 }), (name) => createOpenaiChatCompletions(name, 'none', { baseURL, maxRetries: 0 })];
const ask = (door, content, more = {}, name = 'stage') => chat({ adapter: door(name), messages: [{ role: 'user', content }], ...more });
const tools = [
  toolDefinition({ name: 'write_file', description: 'Writes', inputSchema: z.object({ path: z.string(), content: z.string() }) }).server(async (input) => writeFile(input)),
  toolDefinition({ name: 'read_file', description: 'Reads', inputSchema: z.object({ path: z.string() }) }).server(async (input) => readFile(input)),
];
const delta = (chunk) => (chunk.type === 'TEXT_MESSAGE_CONTENT' ? chunk.delta : '');
const everyDoor = async (check) => {
  for (const door of doors) {
    await check(door);
  }
};

export const cases = {
  plain: () => everyDoor(async (door) => assert.equal(await ask(door, HELLO, { stream: false }), SAID)),
  stream: () => everyDoor(async (door) => assert.equal(await join(ask(door, HELLO), delta), SAID)),
  tools: () => everyDoor(async (door) => assert.ok((await join(ask(door, TASK, { tools, agentLoopStrategy: maxIterations(5) }), delta)).endsWith(ANSWER))),
  structured: () => everyDoor(async (door) => assert.deepEqual(await ask(door, HELLO, { outputSchema: z.object({ name: z.string(), age: z.number() }) }), PERSON)),
  embeddings: async () => assert.deepEqual((await embed({ adapter: createOpenaiEmbedding(embeddingModel, 'none', { baseURL }), input: ['a'] })).embeddings[0].vector ?? null, EMBEDDING),
  abort: () => everyDoor((door) => aborts((signal) => {
    const abortController = new AbortController();
    signal.addEventListener('abort', () => abortController.abort());
    return (async function* texts() {
      for await (const chunk of ask(door, SLOWLY, { abortController })) {
        if (delta(chunk)) {
          yield chunk;
        }
      }
    })();
  })),
  // It tells an error as an event of the stream.
  errors: () => everyDoor((door) => refuses(async () => {
    for await (const chunk of ask(door, HELLO, {}, 'nobody')) {
      if (chunk.type === 'RUN_ERROR') {
        throw new Error(chunk.message ?? chunk.error?.message);
      }
    }
  })),
  usage: () => everyDoor(async (door) => {
    let usage = null;
    for await (const chunk of ask(door, HELLO)) {
      usage = chunk.usage ?? usage;
    }

    assert.ok(usage.totalTokens > 0);
  }),
};
