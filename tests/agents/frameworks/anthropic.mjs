import { ANSWER, HELLO, PERSON, SAID, SLOWLY, TASK, aborts, assert, from, join, readFile, refuses, url, writeFile } from './kit.mjs';

const load = from('sdks');
const { default: Anthropic } = await load('@anthropic-ai/sdk');
const { betaZodTool, betaZodOutputFormat } = await load('@anthropic-ai/sdk/helpers/beta/zod');
const { z } = await load('zod');

const client = new Anthropic({ baseURL: url, apiKey: 'none', maxRetries: 0 });
const ask = (content, more = {}) => ({ model: 'stage', max_tokens: 1000, messages: [{ role: 'user', content }], ...more });
const tools = [
  betaZodTool({ name: 'write_file', description: 'Writes', inputSchema: z.object({ path: z.string(), content: z.string() }), run: writeFile }),
  betaZodTool({ name: 'read_file', description: 'Reads', inputSchema: z.object({ path: z.string() }), run: readFile }),
];
const delta = (event) => (event.type === 'content_block_delta' ? event.delta.text : '');

export const cases = {
  plain: async () => assert.equal((await client.messages.create(ask(HELLO))).content[0].text, SAID),
  stream: async () => {
    const stream = client.messages.stream(ask(HELLO));
    assert.equal(await join(stream, delta), SAID);
    assert.equal(await stream.finalText(), SAID);
  },
  // The runner with its defaults, whatever they are in this version.
  tools: async () => {
    const last = await client.beta.messages.toolRunner(ask(TASK, { tools }));
    assert.equal(last.content.at(-1).text, ANSWER);
    const runner = client.beta.messages.toolRunner(ask(TASK, { tools, stream: true }));
    let final = null;
    for await (const stream of runner) {
      final = await stream.finalMessage();
    }

    assert.equal(final.content.at(-1).text, ANSWER);
  },
  structured: async () => {
    const format = betaZodOutputFormat(z.object({ name: z.string(), age: z.number() }));
    assert.deepEqual((await client.beta.messages.parse(ask(HELLO, { output_config: { format } }))).parsed_output, PERSON);
  },
  embeddings: null,
  abort: () => aborts(async (signal) => client.messages.create(ask(SLOWLY, { stream: true }), { signal })),
  errors: () => refuses(() => client.messages.create({ ...ask(HELLO), model: 'nobody' })),
  usage: async () => {
    assert.ok((await client.messages.create(ask(HELLO))).usage.output_tokens > 0);
    assert.ok((await client.messages.stream(ask(HELLO)).finalMessage()).usage.output_tokens > 0);
  },
};
