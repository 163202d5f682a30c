// The AI SDK as an application writes it: providers made by their default factories, two tools, streamed.
import { createRequire } from 'node:module';
import { readFile, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';

const require = createRequire(new URL('packages/ai-sdk/package.json', import.meta.url));
const load = (name) => import(pathToFileURL(require.resolve(name)));
const { streamText, stepCountIs, isStepCount, tool } = await load('ai');
const { createOpenAI } = await load('@ai-sdk/openai');
const { createAnthropic } = await load('@ai-sdk/anthropic');
const { z } = await load('zod');

const openai = createOpenAI({ baseURL: `${process.env.SYNTHWAVE_URL}/v1`, apiKey: 'none' });
const anthropic = createAnthropic({ baseURL: `${process.env.SYNTHWAVE_URL}/v1`, apiKey: 'none' });
const models = { responses: () => openai('stage'), chat: () => openai.chat('stage'), messages: () => anthropic('stage') };

const result = streamText({
  model: models[process.env.DOOR](),
  system: 'You are a careful clerk.',
  prompt: process.argv[2],
  stopWhen: (stepCountIs ?? isStepCount)(5),
  maxRetries: 0,
  tools: {
    write_file: tool({
      description: 'Writes a file',
      inputSchema: z.object({ path: z.string(), content: z.string() }),
      execute: async ({ path, content }) => {
        await writeFile(path, content);
        return 'written';
      },
    }),
    read_file: tool({ description: 'Reads a file', inputSchema: z.object({ path: z.string() }), execute: ({ path }) => readFile(path, 'utf8') }),
  },
  onError: ({ error }) => {
    console.error(error);
    process.exitCode = 1;
  },
});
for await (const piece of result.textStream) {
  process.stdout.write(piece);
}
