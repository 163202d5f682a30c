// What keeps real upstreams from answering, as they say it. A fault is the sentence of the 400, or null.
import { textOf } from './script.mjs';

const TOP = new Set(['messages', 'model', 'audio', 'frequency_penalty', 'function_call', 'functions', 'logit_bias', 'logprobs', 'max_completion_tokens', 'max_tokens', 'metadata',
  'modalities', 'moderation', 'n', 'parallel_tool_calls', 'prediction', 'presence_penalty', 'prompt_cache_key', 'prompt_cache_options', 'prompt_cache_retention', 'reasoning_effort', 'response_format',
  'safety_identifier', 'seed', 'service_tier', 'stop', 'store', 'stream', 'stream_options', 'temperature', 'tool_choice', 'tools', 'top_logprobs', 'top_p', 'user', 'verbosity', 'web_search_options']);

const MESSAGE = {
  system: ['role', 'content', 'name'],
  developer: ['role', 'content', 'name'],
  user: ['role', 'content', 'name'],
  assistant: ['role', 'content', 'name', 'refusal', 'audio', 'tool_calls', 'function_call'],
  tool: ['role', 'content', 'tool_call_id'],
};

const PART = {
  text: ['type', 'text'],
  refusal: ['type', 'refusal'],
  image_url: ['type', 'image_url'],
  input_audio: ['type', 'input_audio'],
  file: ['type', 'file'],
};

export const thoughtOf = (id) => `I think before ${id}.`;

/** By the first word of the model's id. */
export const faults = {
  'wants-reasoning': wantsReasoning,
  'known-members': unknownMember,
  'text-only': listContent,
  'tool-order': brokenOrder,
  'no-developer': developerRole,
  capped: (body) => ((body.max_tokens ?? body.max_completion_tokens ?? 0) > 4096 ? 'max_tokens is too large: this model supports at most 4096 completion tokens.' : null),
};

// DeepSeek, Kimi: every message with calls says what was thought before them. A model knows its own words; of another's calls it can only see that some are there.
function wantsReasoning({ model, messages }) {
  for (const [at, message] of messages.entries()) {
    const [first] = message.tool_calls ?? [];
    const said = message.reasoning_content;
    if (first && (first.id?.startsWith(`call_${model.replace(/[^a-z]/g, '')}_`) ? said !== thoughtOf(first.id) : typeof said !== 'string' || said === '')) {
      return `messages[${at}]: the reasoning_content in the thinking mode must be passed back to the API. It is ${JSON.stringify(said)}.`;
    }
  }

  return null;
}

function unknownMember(body) {
  const unknown = (where, value, known) => {
    const name = Object.keys(value).find((member) => !known.includes(member));
    return name ? `Unrecognized request argument supplied: ${where}${name}` : null;
  };
  const checks = [unknown('', body, [...TOP])];
  for (const [at, message] of body.messages.entries()) {
    checks.push(unknown(`messages[${at}].`, message, MESSAGE[message.role] ?? ['role']));
    for (const part of Array.isArray(message.content) ? message.content : []) {
      checks.push(unknown(`messages[${at}].content.`, part, PART[part.type] ?? []));
    }

    for (const call of message.tool_calls ?? []) {
      checks.push(unknown(`messages[${at}].tool_calls.`, call, ['id', 'type', 'function']));
    }
  }

  for (const [at, tool] of (body.tools ?? []).entries()) {
    checks.push(unknown(`tools[${at}].`, tool, ['type', 'function']));
    checks.push(unknown(`tools[${at}].function.`, tool.function ?? {}, ['name', 'description', 'parameters', 'strict']));
  }

  return checks.find(Boolean) ?? null;
}

function listContent({ messages }) {
  const at = messages.findIndex((message) => typeof message.content !== 'string' && !(message.role === 'assistant' && message.tool_calls && (message.content ?? null) === null));
  return at < 0 ? null : `messages[${at}].content: input should be a valid string (role ${messages[at].role}, ${Array.isArray(messages[at].content) ? `a list: ${textOf(messages[at].content).slice(0, 60)}` : typeof messages[at].content})`;
}

// Servers older than the role, and templates that know only system, user, assistant and tool.
function developerRole({ messages }) {
  const at = messages.findIndex((message) => !['system', 'user', 'assistant', 'tool'].includes(message.role));
  return at < 0 ? null : `messages[${at}].role: unknown variant \`${messages[at].role}\`, expected one of \`system\`, \`user\`, \`assistant\`, \`tool\``;
}

function brokenOrder({ messages }) {
  let open = new Set();
  for (const [at, message] of messages.entries()) {
    if (message.role === 'tool') {
      if (!open.delete(message.tool_call_id)) {
        return `Invalid parameter: messages with role 'tool' must be a response to a preceding message with 'tool_calls' (messages[${at}]).`;
      }
    } else if (open.size > 0) {
      return `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id' (messages[${at}], missing ${[...open].join(', ')}).`;
    } else {
      open = new Set((message.tool_calls ?? []).map((call) => call.id));
    }
  }

  return open.size > 0 ? `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id' (missing ${[...open].join(', ')}).` : null;
}
