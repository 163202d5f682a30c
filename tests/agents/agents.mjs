// The agents: what each is told, in the files and variables its users would write. `files` are relative to the home; `url` is the gateway without /v1.
import { IMAGE_TASK, TASK } from './script.mjs';

/** Names models are known by to some agents, which then speak another API or use other tools. Every stage answers to them. */
export const KNOWN = ['gpt-6.2-sol', 'gpt-5.5', 'gpt-5.4', 'gpt-5.1', 'gpt-4.1', 'claude-sonnet-4-5'];

const json = (value) => JSON.stringify(value, null, 2);
const toml = (model, url, more = '') => `model = "${model}"
model_provider = "synthwave"
${more}
[model_providers.synthwave]
name = "Synthwave"
base_url = "${url}/v1"
env_key = "SYNTHWAVE_KEY"
wire_api = "responses"
`;

const codex = (name, model, task, more = []) => ({
  name,
  package: 'codex',
  door: 'responses',
  image: task === IMAGE_TASK,
  run: ({ url }) => ({
    files: { '.codex/config.toml': toml(model, url) },
    env: { SYNTHWAVE_KEY: 'none' },
    argv: ['codex', 'exec', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox', ...more, task],
  }),
});

const opencode = (name, door, model, options, npm) => ({
  name,
  package: 'opencode',
  door,
  run: ({ url }) => ({
    files: {
      '.config/opencode/opencode.json': json({
        $schema: 'https://opencode.ai/config.json',
        autoupdate: false,
        share: 'disabled',
        permission: { '*': 'allow', external_directory: 'allow' },
        model: `synthwave/${model}`,
        small_model: `synthwave/${model}`,
        provider: {
          synthwave: {
            npm,
            name: 'Synthwave',
            options: { baseURL: `${url}/v1`, apiKey: 'none' },
            models: { [model]: { name: model, tool_call: true, limit: { context: 200000, output: 32000 }, options } },
          },
        },
      }),
    },
    env: { OPENCODE_DISABLE_AUTOUPDATE: '1', OPENCODE_DISABLE_MODELS_FETCH: '1', OPENCODE_DISABLE_LSP_DOWNLOAD: '1' },
    argv: ['opencode', 'run', '--auto', TASK],
  }),
});

const pi = (name, api, base) => ({
  name,
  package: 'pi',
  door: api,
  run: ({ url }) => ({
    files: {
      '.pi/agent/models.json': json({
        providers: {
          synthwave: {
            baseUrl: url + base,
            api,
            apiKey: 'none',
            models: [{ id: 'stage', name: 'stage', reasoning: true, input: ['text', 'image'], contextWindow: 200000, maxTokens: 32000, cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 } }],
          },
        },
      }),
    },
    env: { PI_OFFLINE: '1' },
    argv: ['pi', '--provider', 'synthwave', '--model', 'stage', '-p', TASK],
  }),
});

const copilot = (name, model, type, wire) => ({
  name,
  package: 'copilot',
  door: wire,
  run: ({ url }) => ({
    files: {},
    env: {
      COPILOT_OFFLINE: 'true',
      COPILOT_PROVIDER_BASE_URL: type === 'anthropic' ? url : `${url}/v1`,
      COPILOT_PROVIDER_TYPE: type,
      COPILOT_PROVIDER_API_KEY: 'none',
      COPILOT_MODEL: model,
      ...(wire === 'responses' ? { COPILOT_PROVIDER_WIRE_API: 'responses' } : {}),
    },
    argv: ['copilot', '--allow-all-tools', '--allow-all-paths', '-p', TASK],
  }),
});

const qwen = (name, type, more) => ({
  name,
  package: 'qwen',
  door: type,
  run: ({ url, work }) => ({
    files: { '.qwen/settings.json': json({ privacy: { usageStatisticsEnabled: false }, telemetry: { enabled: false }, general: { enableAutoUpdate: false } }) },
    env: more(url),
    argv: ['qwen', '--auth-type', type, '--model', 'stage', '--yolo', '-p', `${TASK} FOLDER=${work}`],
  }),
});

const cline = (name, provider, model) => ({
  name,
  package: 'cline',
  door: provider === 'openai-native' ? 'responses' : 'chat',
  run: ({ url, work }) => ({
    files: {},
    env: { CLINE_TELEMETRY_DISABLED: '1' },
    before: ['cline', 'auth', '-p', provider, '-k', 'none', '-m', model, '-b', `${url}/v1`],
    argv: ['cline', '-P', provider === 'openai' ? 'openai-compatible' : provider, '-m', model, '--timeout', '120', `${TASK} FOLDER=${work}`],
  }),
});

const script = (name, file, door) => ({
  name,
  package: 'ai-sdk',
  door,
  run: ({ url, home }) => ({ files: {}, env: { SYNTHWAVE_URL: url, DOOR: door, HOME: home }, argv: ['node', file, TASK] }),
});

export const agents = [
  script('ai-sdk/responses', 'ai-sdk.mjs', 'responses'),
  script('ai-sdk/chat', 'ai-sdk.mjs', 'chat'),
  script('ai-sdk/messages', 'ai-sdk.mjs', 'messages'),
  qwen('qwen/chat', 'openai', (url) => ({ OPENAI_API_KEY: 'none', OPENAI_BASE_URL: `${url}/v1`, OPENAI_MODEL: 'stage' })),
  qwen('qwen/responses', 'openai-responses', (url) => ({ OPENAI_API_KEY: 'none', OPENAI_BASE_URL: `${url}/v1`, OPENAI_MODEL: 'stage' })),
  qwen('qwen/messages', 'anthropic', (url) => ({ ANTHROPIC_API_KEY: 'none', ANTHROPIC_BASE_URL: url, ANTHROPIC_MODEL: 'stage' })),
  {
    name: 'continue/chat',
    package: 'continue',
    door: 'chat',
    run: ({ url, home, work }) => ({
      files: {
        '.continue/config.yaml': `name: Synthwave
version: 1.0.0
schema: v1
models:
  - name: stage
    provider: openai
    model: stage
    apiBase: ${url}/v1
    apiKey: none
    roles: [chat, edit, apply]
    capabilities: [tool_use]
`,
      },
      env: { CONTINUE_TELEMETRY_ENABLED: '0' },
      argv: ['cn', '--config', `${home}/.continue/config.yaml`, '--auto', '-p', `${TASK} FOLDER=${work}`],
    }),
  },
  codex('codex', 'stage', TASK),
  codex('codex/freeform', 'gpt-5.5', TASK),
  codex('codex/code', 'gpt-6.2-sol', TASK),
  codex('codex/image', 'gpt-5.5', IMAGE_TASK),
  codex('codex/code-image', 'gpt-6.2-sol', IMAGE_TASK),
  opencode('opencode/chat', 'chat', 'stage', {}, '@ai-sdk/openai-compatible'),
  opencode('opencode/responses', 'responses', 'stage', {}, '@ai-sdk/openai'),
  opencode('opencode/responses-store', 'responses', 'gpt-5.1', { store: true }, '@ai-sdk/openai'),
  opencode('opencode/messages', 'messages', 'stage', {}, '@ai-sdk/anthropic'),
  pi('pi/chat', 'openai-completions', '/v1'),
  pi('pi/responses', 'openai-responses', '/v1'),
  pi('pi/messages', 'anthropic-messages', ''),
  copilot('copilot/chat', 'stage', 'openai', 'completions'),
  copilot('copilot/gpt-5', 'gpt-5.5', 'openai', 'responses'),
  copilot('copilot/claude', 'claude-sonnet-4-5', 'anthropic', 'messages'),
  cline('cline/chat', 'openai', 'stage'),
  cline('cline/native', 'openai-native', 'gpt-5.1'),
];
