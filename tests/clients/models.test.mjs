import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI from 'openai';
import { collect, connect } from './gateway.mjs';

const client = connect();

test('the list names profiles and aliases', async () => {
  const models = await collect(client.models.list());

  assert.deepEqual(models.map((model) => model.id), ['panel', 'relay', 'search-relay', 'tool-relay', 'best']);
  assert.ok(models.every((model) => model.object === 'model' && model.owned_by === 'meta-model' && Number.isInteger(model.created)));
});

for (const name of ['panel', 'best', 'echo']) {
  test(`a callable name can be looked up: ${name}`, async () => {
    const model = await client.models.retrieve(name);

    assert.equal(model.id, name);
    assert.equal(model.object, 'model');
  });
}

test('an unknown name is a NotFoundError', async () => {
  await assert.rejects(client.models.retrieve('nobody'), (error) => {
    assert.ok(error instanceof OpenAI.NotFoundError);
    assert.equal(error.code, 'model_not_found');
    return true;
  });
});
