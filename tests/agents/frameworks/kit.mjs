// What the framework's files share. Each exports `cases`: name → function that throws when the framework did not get what it wants; null = the framework has no such thing.
import assert from 'node:assert/strict';
import { ANSWER, TASK } from '../script.mjs';

export { ANSWER, TASK };
export const url = process.env.SYNTHWAVE_URL;
export const baseURL = `${url}/v1`;
export const embeddingModel = process.env.EMBEDDING_MODEL;
export const HELLO = 'Say something.';
export const SAID = 'A note';
export const SLOWLY = 'Count SLOWLY.';
export const PERSON = { name: 'Ada', age: 36 };
export const EMBEDDING = [0.25, -0.5, 0.75, 1];

/** Imports from tests/agents/packages/NAME. */
export const from = (name) => (module) => import(import.meta.resolve(module, new URL(`../packages/${name}/package.json`, import.meta.url).href));

const files = new Map();

/** Two tools as functions, kept in memory. */
export const writeFile = ({ path, content }) => {
  files.set(path, content);
  return 'written';
};
export const readFile = ({ path }) => files.get(path) ?? 'no such file';

export async function join(pieces, textOf = (piece) => piece) {
  let text = '';
  for await (const piece of pieces) {
    text += textOf(piece) ?? '';
  }

  return text;
}

/** `start(signal)` starts a slow stream and gives its pieces; it has to end soon after the signal, whether by an error or not. */
export async function aborts(start) {
  const stop = new AbortController();
  let seen = 0;
  const began = Date.now();
  try {
    for await (const _ of await start(stop.signal)) {
      seen++;
      stop.abort();
    }
  } catch (error) {
    assert.ok(stop.signal.aborted, `failed before it was aborted: ${error}`);
  }

  assert.ok(stop.signal.aborted && seen > 0, 'nothing arrived to abort');
  assert.ok(Date.now() - began < 20_000, 'it went on after it was aborted');
}

/** A model nobody has: the framework has to fail, and say 404 or name the model. */
export async function refuses(act) {
  const error = await act().then(() => null, (one) => one);
  assert.ok(error, 'no error for an unknown model');
  const status = error.status ?? error.statusCode ?? error.cause?.status ?? error.cause?.statusCode ?? error.lastError?.statusCode;
  assert.ok(status === 404 || /nobody|404/.test(`${error.message} ${error.cause?.message}`), `status ${status}: ${error.message}`);
}

export { assert };
