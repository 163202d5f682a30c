import { ANSWER, EMBEDDING, HELLO, PERSON, SAID, SLOWLY, TASK, aborts, assert, baseURL, embeddingModel, from, join, readFile, refuses, writeFile } from './kit.mjs';

const load = from('genkit');
const { genkit, z } = await load('genkit');
const { defineCompatOpenAIEmbedder, openAICompatible } = await load('@genkit-ai/compat-oai');

const ai = genkit({ plugins: [openAICompatible({ name: 'synthwave', apiKey: 'none', baseURL, maxRetries: 0, initializer: async (client) => [defineCompatOpenAIEmbedder({ name: `synthwave/${embeddingModel}`, client, pluginOptions: { name: 'synthwave' } })] })] });
const model = 'synthwave/stage';
const tools = [
  ai.defineTool({ name: 'write_file', description: 'Writes', inputSchema: z.object({ path: z.string(), content: z.string() }), outputSchema: z.string() }, async (input) => writeFile(input)),
  ai.defineTool({ name: 'read_file', description: 'Reads', inputSchema: z.object({ path: z.string() }), outputSchema: z.string() }, async (input) => readFile(input)),
];

export const cases = {
  plain: async () => assert.equal((await ai.generate({ model, prompt: HELLO })).text, SAID),
  stream: async () => assert.equal(await join(ai.generateStream({ model, prompt: HELLO }).stream, (chunk) => chunk.text), SAID),
  tools: async () => {
    assert.equal((await ai.generate({ model, prompt: TASK, tools })).text, ANSWER);
    assert.equal((await ai.generateStream({ model, prompt: TASK, tools }).response).text, ANSWER);
  },
  structured: async () => assert.deepEqual((await ai.generate({ model, prompt: HELLO, output: { schema: z.object({ name: z.string(), age: z.number() }) } })).output, PERSON),
  embeddings: async () => assert.deepEqual((await ai.embed({ embedder: `synthwave/${embeddingModel}`, content: 'a' }))[0].embedding, EMBEDDING),
  abort: () => aborts((abortSignal) => ai.generateStream({ model, prompt: SLOWLY, abortSignal }).stream),
  errors: () => refuses(() => ai.generate({ model: 'synthwave/nobody', prompt: HELLO })),
  usage: async () => assert.ok((await ai.generate({ model, prompt: HELLO })).usage.totalTokens > 0),
};
