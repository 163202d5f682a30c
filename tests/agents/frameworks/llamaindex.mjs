import { ANSWER, EMBEDDING, HELLO, PERSON, SAID, SLOWLY, TASK, aborts, assert, baseURL, embeddingModel, from, join, readFile, refuses, writeFile } from './kit.mjs';

const load = from('llamaindex');
const { OpenAI, OpenAIEmbedding } = await load('@llamaindex/openai');
const { FunctionTool } = await load('llamaindex');
const { z } = await load('zod');

const llm = (model = 'stage') => new OpenAI({ model, apiKey: 'none', baseURL, maxRetries: 0 });
const ask = (content, more = {}) => ({ messages: [{ role: 'user', content }], ...more });
const tools = [
  FunctionTool.from(writeFile, { name: 'write_file', description: 'Writes', parameters: z.object({ path: z.string(), content: z.string() }) }),
  FunctionTool.from(readFile, { name: 'read_file', description: 'Reads', parameters: z.object({ path: z.string() }) }),
];

export const cases = {
  plain: async () => assert.equal((await llm().chat(ask(HELLO))).message.content, SAID),
  stream: async () => assert.equal(await join(await llm().chat(ask(HELLO, { stream: true })), (chunk) => chunk.delta), SAID),
  tools: async () => {
    let messages = ask(TASK).messages;
    for (let round = 0; round < 4; round++) {
      const { newMessages, toolCalls } = await llm().exec({ messages, tools });
      messages = [...messages, ...newMessages];
      if (toolCalls.length === 0) {
        break;
      }
    }

    assert.equal(messages.at(-1).content, ANSWER);
  },
  structured: async () => assert.deepEqual((await llm().exec({ ...ask(HELLO), responseFormat: z.object({ name: z.string(), age: z.number() }) })).object, PERSON),
  embeddings: async () => assert.deepEqual(await new OpenAIEmbedding({ model: embeddingModel, apiKey: 'none', baseURL }).getTextEmbedding('a'), EMBEDDING),
  abort: () => aborts(async (signal) => {
    const stream = await llm().chat(ask(SLOWLY, { stream: true, additionalChatOptions: {} }));
    return (async function* texts() {
      for await (const chunk of stream) {
        yield chunk;
        if (signal.aborted) {
          return;
        }
      }
    })();
  }),
  errors: () => refuses(() => llm('nobody').chat(ask(HELLO))),
  usage: async () => assert.ok((await llm().chat(ask(HELLO))).raw.usage.total_tokens > 0),
};
