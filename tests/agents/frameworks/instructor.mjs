import { HELLO, PERSON, assert, baseURL, from, refuses } from './kit.mjs';

const load = from('instructor');
const { default: OpenAI } = await load('openai');
const { default: createInstructor } = await load('@instructor-ai/instructor');
const { z } = await load('zod');

const client = new OpenAI({ baseURL, apiKey: 'none', maxRetries: 0 });
const schema = z.object({ name: z.string(), age: z.number() });
const ask = (mode, more = {}) => createInstructor({ client, mode }).chat.completions.create({
  model: 'stage', messages: [{ role: 'user', content: HELLO }], response_model: { schema, name: 'Person' }, max_retries: 0, ...more,
});
const person = ({ name, age }) => ({ name, age });

// All it does is structured output; the rest is the client's, whose row this is not.
export const cases = {
  plain: null,
  stream: async () => {
    let last = null;
    for await (const partial of await ask('TOOLS', { stream: true })) {
      last = partial;
    }

    assert.deepEqual(person(last), PERSON);
  },
  tools: null,
  structured: async () => {
    for (const mode of ['TOOLS', 'JSON_SCHEMA']) {
      assert.deepEqual(person(await ask(mode)), PERSON);
    }
  },
  embeddings: null,
  abort: null,
  errors: () => refuses(() => ask('TOOLS', { model: 'nobody' })),
  usage: null,
};
