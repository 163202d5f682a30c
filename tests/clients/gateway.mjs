// Where the gateway is, and what the models behind it have seen. NodeClientTests in tests/Synthwave.ClientTests starts all of it.
import OpenAI from 'openai';

function setting(name) {
  const value = process.env[name];
  if (!value) {
    throw new Error(`${name} is not set: these tests are run by "dotnet test tests/Synthwave.ClientTests".`);
  }

  return value;
}

export const baseURL = setting('SYNTHWAVE_BASE_URL');
export const apiKey = setting('SYNTHWAVE_API_KEY');
const witness = setting('SYNTHWAVE_WITNESS_URL');

/** A client that counts the requests it sends as `client.sent`. It retries nothing unless told to. */
export function connect(options = {}) {
  const client = new OpenAI({
    baseURL,
    apiKey,
    maxRetries: 0,
    timeout: 30_000,
    ...options,
    fetch: (url, init) => {
      client.sent++;
      return fetch(url, init);
    },
  });
  client.sent = 0;
  return client;
}

export const ask = (model, more = {}) => ({ model, messages: [{ role: 'user', content: 'Hello?' }], ...more });

/** The request bodies a model has received. */
export async function callsTo(model) {
  return (await fetch(new URL(`calls?model=${model}`, witness))).json();
}

/** The request bodies the Anthropic model with tools of its servers has received. */
export async function claudeCalls() {
  return (await fetch(new URL('claude/calls', witness))).json();
}

/** Returns as soon as every call to the model has been given up; the number of calls. */
export async function abortedCallsTo(model) {
  const response = await fetch(new URL(`aborted?model=${model}`, witness), { signal: AbortSignal.timeout(20_000) });
  return Number(await response.text());
}

/** Lets the paced model write its next token. */
export async function nextToken() {
  await fetch(new URL('tick', witness), { method: 'POST', signal: AbortSignal.timeout(20_000) });
}

export async function collect(stream) {
  const chunks = [];
  for await (const chunk of stream) {
    chunks.push(chunk);
  }

  return chunks;
}

export const textOf = (chunks) => chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('');
