import { ANSWER, HELLO, PERSON, SAID, SLOWLY, TASK, aborts, assert, baseURL, from, join, readFile, refuses, writeFile } from './kit.mjs';

const load = from('sdks');
const { default: OpenAI } = await load('openai');
const { zodTextFormat } = await load('openai/helpers/zod');
const { z } = await load('zod');

const { responses } = new OpenAI({ baseURL, apiKey: 'none', maxRetries: 0 });
const path = { type: 'string' };
const tool = (name, properties) => ({ type: 'function', name, strict: false, parameters: { type: 'object', properties, required: Object.keys(properties) } });
const tools = [tool('write_file', { path, content: path }), tool('read_file', { path })];
const acts = { write_file: writeFile, read_file: readFile };
const outputs = (response) =>
  response.output.filter((item) => item.type === 'function_call').map((item) => ({ type: 'function_call_output', call_id: item.call_id, output: acts[item.name](JSON.parse(item.arguments)) }));

export const cases = {
  plain: async () => assert.equal((await responses.create({ model: 'stage', input: HELLO })).output_text, SAID),
  stream: async () => {
    const stream = responses.stream({ model: 'stage', input: HELLO });
    assert.equal(await join(stream, (event) => (event.type === 'response.output_text.delta' ? event.delta : '')), SAID);
    assert.equal((await stream.finalResponse()).output_text, SAID);
  },
  // Once with what the gateway keeps, once with the history sent again.
  tools: async () => {
    let response = await responses.create({ model: 'stage', input: TASK, tools });
    for (let round = 0; round < 2; round++) {
      response = await responses.create({ model: 'stage', previous_response_id: response.id, input: outputs(response), tools });
    }

    assert.equal(response.output_text, ANSWER);
    let input = [{ role: 'user', content: TASK }];
    for (let round = 0; round < 3; round++) {
      response = await responses.create({ model: 'stage', input, tools, store: false });
      input = [...input, ...response.output, ...outputs(response)];
    }

    assert.equal(response.output_text, ANSWER);
  },
  structured: async () => {
    const format = zodTextFormat(z.object({ name: z.string(), age: z.number() }), 'person');
    assert.deepEqual((await responses.parse({ model: 'stage', input: HELLO, text: { format } })).output_parsed, PERSON);
  },
  embeddings: null,
  abort: () => aborts(async (signal) => {
    const stream = await responses.create({ model: 'stage', input: SLOWLY, stream: true }, { signal });
    return (async function* texts() {
      for await (const event of stream) {
        if (event.type === 'response.output_text.delta') {
          yield event.delta;
        }
      }
    })();
  }),
  errors: () => refuses(() => responses.create({ model: 'nobody', input: HELLO })),
  usage: async () => assert.ok((await responses.create({ model: 'stage', input: HELLO })).usage.total_tokens > 0),
};
