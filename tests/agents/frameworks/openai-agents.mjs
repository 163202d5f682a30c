import { ANSWER, HELLO, PERSON, SAID, SLOWLY, TASK, aborts, assert, baseURL, from, join, readFile, refuses, writeFile } from './kit.mjs';

const load = from('agents');
const { default: OpenAI } = await load('openai');
const { Agent, OpenAIChatCompletionsModel, OpenAIResponsesModel, run, setTracingDisabled, tool } = await load('@openai/agents');
const { z } = await load('zod');

setTracingDisabled(true);
const client = new OpenAI({ baseURL, apiKey: 'none', maxRetries: 0 });
const doors = [(name) => new OpenAIResponsesModel(client, name), (name) => new OpenAIChatCompletionsModel(client, name)];
const agent = (door, more = {}, name = 'stage') => new Agent({ name: 'Clerk', instructions: 'Be careful.', model: door(name), ...more });
const tools = [
  tool({ name: 'write_file', description: 'Writes', parameters: z.object({ path: z.string(), content: z.string() }), execute: async (args) => writeFile(args) }),
  tool({ name: 'read_file', description: 'Reads', parameters: z.object({ path: z.string() }), execute: async (args) => readFile(args) }),
];
const everyDoor = async (check) => {
  for (const door of doors) {
    await check(door);
  }
};

export const cases = {
  plain: () => everyDoor(async (door) => assert.equal((await run(agent(door), HELLO)).finalOutput, SAID)),
  stream: () => everyDoor(async (door) => assert.equal(await join((await run(agent(door), HELLO, { stream: true })).toTextStream({ compatibleWithNodeStreams: true })), SAID)),
  tools: () => everyDoor(async (door) => {
    assert.equal((await run(agent(door, { tools }), TASK)).finalOutput, ANSWER);
    const streamed = await run(agent(door, { tools }), TASK, { stream: true });
    await streamed.completed;
    assert.equal(streamed.finalOutput, ANSWER);
  }),
  structured: () => everyDoor(async (door) =>
    assert.deepEqual((await run(agent(door, { outputType: z.object({ name: z.string(), age: z.number() }) }), HELLO)).finalOutput, PERSON)),
  embeddings: null,
  abort: () => everyDoor((door) => aborts(async (signal) => (await run(agent(door), SLOWLY, { stream: true, signal })).toTextStream())),
  errors: () => everyDoor((door) => refuses(() => run(agent(door, {}, 'nobody'), HELLO))),
  usage: () => everyDoor(async (door) => assert.ok((await run(agent(door), HELLO)).state._context.usage.totalTokens > 0)),
};
