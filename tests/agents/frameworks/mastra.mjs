import { ANSWER, HELLO, PERSON, SAID, SLOWLY, TASK, aborts, assert, baseURL, from, join, readFile, refuses, writeFile } from './kit.mjs';

const load = from('mastra');
const { Agent } = await load('@mastra/core/agent');
const { createTool } = await load('@mastra/core/tools');
const { createOpenAI } = await load('@ai-sdk/openai');
const { z } = await load('zod');

const openai = createOpenAI({ baseURL, apiKey: 'none' });
// Its own router for any OpenAI-compatible address, and the AI SDK's provider, which speaks Responses.
const doors = [(name) => ({ id: `synthwave/${name}`, url: baseURL, apiKey: 'none' }), (name) => openai(name)];
const agent = (door, more = {}, name = 'stage') => new Agent({ id: 'clerk', name: 'Clerk', instructions: 'Be careful.', model: door(name), maxRetries: 0, ...more });
const tools = {
  write_file: createTool({ id: 'write_file', description: 'Writes', inputSchema: z.object({ path: z.string(), content: z.string() }), execute: async (input) => writeFile(input.context ?? input) }),
  read_file: createTool({ id: 'read_file', description: 'Reads', inputSchema: z.object({ path: z.string() }), execute: async (input) => readFile(input.context ?? input) }),
};
const everyDoor = async (check) => {
  for (const door of doors) {
    await check(door);
  }
};

export const cases = {
  plain: () => everyDoor(async (door) => assert.equal((await agent(door).generate(HELLO)).text, SAID)),
  stream: () => everyDoor(async (door) => assert.equal(await join((await agent(door).stream(HELLO)).textStream), SAID)),
  tools: () => everyDoor(async (door) => assert.ok((await agent(door, { tools }).generate(TASK, { maxSteps: 5 })).text.endsWith(ANSWER))),
  structured: () => everyDoor(async (door) =>
    assert.deepEqual((await agent(door).generate(HELLO, { structuredOutput: { schema: z.object({ name: z.string(), age: z.number() }) } })).object, PERSON)),
  embeddings: null,
  abort: () => everyDoor((door) => aborts(async (abortSignal) => (await agent(door).stream(SLOWLY, { abortSignal })).textStream)),
  errors: () => everyDoor((door) => refuses(() => agent(door, {}, 'nobody').generate(HELLO))),
  usage: () => everyDoor(async (door) => assert.ok((await agent(door).generate(HELLO)).usage.totalTokens > 0)),
};
