// What the scripted model does: it writes a file, reads it, and says what it read; or it looks at an image. It keeps no state: the conversation says how far it is.
// The agents name their tools as they like. This file is the only one that knows the names.

export const CONTENT = 'written by the script';
export const TASK = 'TASK-FILE: create the file note.txt with the text the script knows, read it back, then say what it says.';
export const IMAGE_TASK = 'TASK-IMAGE: look at the image dot.png in this folder, then say what it shows.';
export const ANSWER = `The file says: ${CONTENT}`;
/** To a prompt that says SLOWLY; the upstream takes its time between the words. */
export const SLOW_ANSWER = 'word '.repeat(100).trim();
export const IMAGE_ANSWER = 'The image was seen';

const PATCH = `*** Begin Patch\n*** Add File: note.txt\n+${CONTENT}\n*** End Patch\n`;

// Tools in the order in which they are preferred. A value says what the arguments are when the schema's names do not.
const WRITERS = {
  write_file: null, // qwen-code, the frameworks
  Write: null, // Continue
  write: null, // opencode, pi
  write_to_file: null, // cline
  create: null, // Copilot
  editor: null, // cline
  apply_patch: patch, // Codex; opencode and Copilot for GPT-5
};

const READERS = {
  read_file: null,
  Read: null,
  read: null,
  view: null,
  read_files: null,
};

const SHELLS = ['exec_command', 'shell_command', 'shell', 'local_shell', 'bash', 'Bash', 'run_commands', 'execute_command', 'run_shell_command'];

// What the members of a tool's schema mean, by name.
const VALUES = [
  [/^(absolute_?)?(file_?)?path$/i, (folder) => `${folder}/note.txt`],
  [/^(content|file_?text|new_?text|contents|new_str)$/i, () => `${CONTENT}\n`],
  [/^(command|cmd)$/i, (_, __, shell) => shell],
];

// Codex for its newest models has one freeform tool that runs JavaScript, with the others inside.
const CODE = {
  write: `text(await tools.apply_patch(${JSON.stringify(PATCH)}))`,
  read: 'text((await tools.exec_command({ cmd: "cat note.txt" })).output)',
  look: 'image(await tools.view_image({ path: "dot.png" }))',
};

/** What the model says to a conversation: { text } or { text, call: { id, name, arguments } }. `who` makes the call's id. */
export function next(body, who) {
  const marker = taskOf(body.messages);
  const forced = forcedTool(body);
  if (forced) {
    return { text: '', call: { id: `call_${who.replace(/[^a-z]/g, '')}_forced`, name: forced.name, arguments: JSON.stringify(sample(forced.parameters)) } };
  }
  const tools = (body.tools ?? []).filter((tool) => tool.type === 'function' && tool.function?.name).map((tool) => tool.function);
  const results = body.messages.filter((message) => message.role === 'tool');
  if (!marker || (tools.length === 0 && results.length === 0)) {
    return { text: plainAnswer(body) };
  }

  const folder = folderOf(body.messages);
  const call = (made) => ({ text: `Step ${results.length + 1}.`, call: { id: `call_${who.replace(/[^a-z]/g, '')}_${results.length + 1}`, ...made } });
  if (marker === 'IMAGE') {
    if (results.length === 0) {
      const looker = tools.find((tool) => /^(view_image|read|view|Read|read_file)$/.test(tool.name));
      const made = looker ? filled(looker, folder, '', 'dot.png') : inCode(tools, CODE.look);
      return made ? call(made) : { text: 'There is no tool that looks at images.' };
    }

    return { text: /"image_url"/.test(JSON.stringify(body.messages)) ? IMAGE_ANSWER : 'No image arrived' };
  }

  if (results.length === 0) {
    const made = pick(tools, WRITERS, folder) ?? inShell(tools, `printf '%s\\n' '${CONTENT}' > note.txt`, folder) ?? inCode(tools, CODE.write);
    return made ? call(made) : { text: `No tool that writes among: ${tools.map((tool) => tool.name).join(', ')}` };
  }

  if (results.length === 1) {
    const made = pick(tools, READERS, folder) ?? inShell(tools, 'cat note.txt', folder) ?? inCode(tools, CODE.read);
    return made ? call(made) : { text: `No tool that reads among: ${tools.map((tool) => tool.name).join(', ')}` };
  }

  const last = textOf(results.at(-1).content);
  return { text: last.includes(CONTENT) ? ANSWER : `The tool did not show the file, but: ${last.slice(0, 400)}` };
}

export const textOf = (content) => (typeof content === 'string' ? content : Array.isArray(content) ? content.map((part) => part?.text ?? '').join('') : '');

/** The request of the agent's main loop, unlike those for titles, summaries and the like. */
export const isMain = (body) => taskOf(body.messages) !== null && (body.tools ?? []).length > 0;

function taskOf(messages) {
  for (const message of messages) {
    const found = message.role === 'user' && /TASK-(FILE|IMAGE)/.exec(textOf(message.content));
    if (found) {
      return found[1];
    }
  }

  return null;
}

// The harness names the folder in the task where an agent wants absolute paths.
function folderOf(messages) {
  for (const message of messages) {
    const found = /FOLDER=(\S+)/.exec(textOf(message.content));
    if (found) {
      return found[1];
    }
  }

  return '.';
}

function pick(tools, table, folder) {
  for (const [name, special] of Object.entries(table)) {
    const tool = tools.find((one) => one.name === name);
    if (tool) {
      return special ? special(tool) : filled(tool, folder, '');
    }
  }

  return null;
}

function inShell(tools, line, folder) {
  const tool = SHELLS.map((name) => tools.find((one) => one.name === name)).find(Boolean);
  return tool ? filled(tool, folder, line) : null;
}

function patch(tool) {
  return freeform(tool, PATCH);
}

function inCode(tools, code) {
  const tool = tools.find((one) => /(^|__)exec$/.test(one.name));
  return tool ? freeform(tool, code) : null;
}

// Freeform in the Responses API: one string, whatever the gateway called it.
function freeform(tool, text) {
  const [member] = Object.keys(tool.parameters?.properties ?? { input: {} });
  return { name: tool.name, arguments: JSON.stringify({ [member]: text }) };
}

function filled(tool, folder, shell, file = 'note.txt') {
  const properties = tool.parameters?.properties ?? {};
  const required = tool.parameters?.required ?? [];
  const made = {};
  for (const [name, schema] of Object.entries(properties)) {
    const known = VALUES.find(([pattern]) => pattern.test(name));
    if (known) {
      const value = known[1](folder, schema, shell).replace('note.txt', file);
      made[name] = typesOf(schema).includes('array') ? ['bash', '-lc', value] : value;
    } else if (required.includes(name)) {
      made[name] = anything(name, schema, folder, shell);
    }
  }

  return { name: tool.name, arguments: JSON.stringify(made) };
}

const typesOf = (schema) => [schema?.type, ...(schema?.anyOf ?? []).map((one) => one.type)].flat().filter(Boolean);

function anything(name, schema, folder, shell) {
  if (schema?.enum) {
    return schema.enum.includes('create') ? 'create' : schema.enum[0];
  }

  const [type] = typesOf(schema);
  switch (type) {
    case 'array':
      return [/command/i.test(name) ? shell : typesOf(schema.items).includes('object') ? objectOf(schema.items, folder, shell) : /path|file/i.test(name) ? `${folder}/note.txt` : shell || 'x'];
    case 'object':
      return objectOf(schema, folder, shell);
    case 'boolean':
      return false;
    case 'number':
    case 'integer':
      return 1;
    default:
      return 'the script';
  }
}

function objectOf(schema, folder, shell) {
  return JSON.parse(filled({ name: '', parameters: schema }, folder, shell).arguments);
}

// Structured output by way of a tool: the one that is forced is called with the smallest value that fits.
function forcedTool({ tools, tool_choice: choice }) {
  const functions = (tools ?? []).filter((tool) => tool.type === 'function').map((tool) => tool.function);
  const output = functions.find((one) => one.name === 'format_output'); // LlamaIndex asks for it without forcing it.
  if (output) {
    return output;
  }

  const name = choice?.function?.name ?? (choice === 'required' && functions.length === 1 ? functions[0].name : null);
  return functions.find((one) => one.name === name) ?? null;
}

function plainAnswer(body) {
  if (body.messages.some((message) => message.role === 'user' && textOf(message.content).includes('SLOWLY'))) {
    return SLOW_ANSWER;
  }

  const format = body.response_format;
  const wanted = body.messages.map((message) => /conform to the following schema:\s*```\s*(\{[^]*?\})\s*```/.exec(textOf(message.content))).find(Boolean); // Genkit
  if (wanted) {
    return JSON.stringify(sample(JSON.parse(wanted[1])));
  }

  if (format?.type === 'json_schema') {
    return JSON.stringify(sample(format.json_schema?.schema));
  }

  return format?.type === 'json_object' ? JSON.stringify(sample(format.schema ?? { type: 'object' })) : 'A note'; // Instructor puts a schema beside json_object.
}

/** The smallest value that fits a schema. */
export function sample(schema) {
  if (schema?.enum) {
    return schema.enum[0];
  }

  switch (typesOf(schema)[0]) {
    case 'object':
      return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, member]) => [name, sample(member)]));
    case 'array':
      return [];
    case 'integer':
    case 'number':
      return 36;
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return 'Ada';
  }
}
