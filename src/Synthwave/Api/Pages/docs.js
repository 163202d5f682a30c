// Draws the API's description, which this gateway serves beside this page. Every text goes in as text, never as markup.
'use strict';

const methods = ['get', 'head', 'post', 'put', 'patch', 'delete'];
let api;

function el(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value !== undefined && value !== null) made.setAttribute(key, value);
  }
  made.append(...children.filter(child => child !== undefined && child !== null));
  return made;
}

// Paragraphs, and `code` within them.
function words(text, name = 'p') {
  const box = document.createDocumentFragment();
  for (const paragraph of (text || '').split(/\n\s*\n/)) {
    if (!paragraph.trim()) continue;
    box.append(el(name, null, ...paragraph.trim().split('`').map((piece, i) => i % 2 ? el('code', null, piece) : piece)));
  }
  return box;
}

function resolve(node) {
  for (let steps = 0; node && node.$ref && steps < 20; steps++) {
    const target = node.$ref.split('/').slice(1).reduce((at, key) => at && at[key.replace(/~1/g, '/').replace(/~0/g, '~')], api);
    if (!target) return node;
    const { $ref, ...beside } = node;
    node = { ...target, ...beside, refName: $ref.split('/').pop() };
  }
  return node || {};
}

function block(text, label) {
  const shown = el('pre', { tabindex: '0', 'aria-label': label }, text);
  const button = el('button', { type: 'button', 'aria-label': 'Copy: ' + label }, 'Copy');
  button.addEventListener('click', async () => {
    let copied = navigator.clipboard ? await navigator.clipboard.writeText(text).then(() => true, () => false) : false;
    if (!copied) {
      getSelection().selectAllChildren(shown);
      copied = document.execCommand('copy');
    }
    button.textContent = copied ? 'Copied' : 'Press Ctrl+C';
  });
  return el('div', { class: 'block' }, shown, button);
}

function typeOf(schema) {
  const one = resolve(schema);
  if (one.const !== undefined) return JSON.stringify(one.const);
  if (one.enum) return one.enum.map(value => JSON.stringify(value)).join(' | ');
  const options = one.oneOf || one.anyOf;
  if (options) return options.map(typeOf).join(' | ');
  const kinds = [].concat(one.type || 'any').map(kind => kind === 'array' ? 'array of ' + typeOf(one.items || {}) : kind);
  return (one.refName ? one.refName + ' ' : '') + kinds.join(' | ') + (one.format ? ' (' + one.format + ')' : '');
}

function limits(schema) {
  const told = [];
  const limit = (key, say) => { if (schema[key] !== undefined) told.push(say + JSON.stringify(schema[key])); };
  limit('minimum', 'at least ');
  limit('exclusiveMinimum', 'more than ');
  limit('maximum', 'at most ');
  limit('minItems', 'at least so many items: ');
  limit('maxItems', 'at most so many items: ');
  limit('minLength', 'at least so many characters: ');
  limit('maxLength', 'at most so many characters: ');
  limit('pattern', 'pattern ');
  limit('default', 'default ');
  return told.length ? ' · ' + told.join(' · ') : '';
}

// What a schema holds, as parts that can be opened; null = nothing to open.
function inner(schema) {
  const one = resolve(schema);
  if (one.properties || (one.additionalProperties && typeof one.additionalProperties === 'object')) {
    return () => {
      const required = new Set(one.required || []);
      const members = Object.entries(one.properties || {}).map(([name, member]) => memberOf(name, member, required.has(name)));
      if (typeof one.additionalProperties === 'object') members.push(memberOf('(any name)', one.additionalProperties, false));
      else if (one.additionalProperties === true) members.push(el('p', { class: 'soft' }, 'Other members are allowed.'));
      return el('div', { class: 'members' }, ...members);
    };
  }
  if (one.items) return inner(one.items);
  const options = (one.oneOf || one.anyOf || []).filter(option => inner(option));
  if (options.length === 1) return inner(options[0]);
  if (options.length > 1) return () => el('div', { class: 'members' }, ...options.map(option => memberOf(resolve(option).title || resolve(option).refName || 'or', option, false)));
  if (one.allOf) return () => el('div', { class: 'members' }, ...one.allOf.map(part => memberOf(resolve(part).refName || 'and', part, false)));
  return null;
}

function memberOf(name, schema, isRequired) {
  const one = resolve(schema);
  const head = [el('code', null, name), ' ', el('span', { class: 'type' }, typeOf(schema) + limits(one)), isRequired ? el('span', { class: 'required' }, ' required') : null];
  return el('div', { class: 'member' }, openable(head, inner(schema)), words(one.description));
}

// The inside is drawn when it is opened first: schemas may hold themselves.
function openable(head, draw, isOpen) {
  if (!draw) return el('div', null, ...head);
  const details = el('details', isOpen ? { open: '' } : null, el('summary', null, ...head));
  const fill = () => { if (details.open && details.children.length === 1) details.append(draw()); };
  details.addEventListener('toggle', fill);
  fill();
  return details;
}

function examplesOf(media) {
  if (media.example !== undefined) return [['Example', media.example]];
  if (media.examples) return Object.entries(media.examples).map(([name, example]) => [resolve(example).summary || name, resolve(example).value]);
  const schema = resolve(media.schema);
  const given = schema.example !== undefined ? schema.example : (schema.examples || [])[0];
  return given === undefined ? [] : [['Example', given]];
}

const textOf = value => typeof value === 'string' ? value : JSON.stringify(value, null, 2);

function content(kinds, isOpen) {
  return Object.entries(kinds || {}).map(([type, media]) => el('div', null,
    openable([el('code', null, type), ' ', el('span', { class: 'type' }, typeOf(media.schema || {}))], inner(media.schema || {}), isOpen),
    words(resolve(media.schema).description),
    ...examplesOf(media).map(([name, value]) => el('details', null, el('summary', null, name), block(textOf(value), name)))));
}

function headers(given) {
  const entries = Object.entries(given || {});
  return entries.length ? openable(['Headers (' + entries.length + ')'], () => el('div', { class: 'members' }, ...entries.map(([name, header]) => {
    const one = resolve(header);
    return memberOf(name, { ...resolve(one.schema), description: one.description }, false);
  }))) : null;
}

function curl(method, path, operation) {
  const base = new URL('.', location.href).href.replace(/\/$/, '');
  const lines = ['curl ' + (method === 'head' ? '--head ' : method === 'get' || method === 'post' ? '' : '--request ' + method.toUpperCase() + ' ') + base + path];
  const security = operation.security || api.security || [];
  if (security.length && !security.some(way => !Object.keys(way).length)) lines.push('-H "Authorization: Bearer $SYNTHWAVE_TOKEN"');
  const media = ((resolve(operation.requestBody).content) || {})['application/json'];
  if (media) {
    const [first] = examplesOf(media);
    lines.push("-H 'Content-Type: application/json'", "-d '" + (first ? JSON.stringify(first[1]) : '{}').replace(/'/g, "'\\''") + "'");
  }
  return lines.join(' \\\n  ');
}

function drawOperation(path, method, operation, shared) {
  const id = operation.operationId;
  const parameters = [...(shared || []), ...(operation.parameters || [])].map(resolve);
  const body = operation.requestBody ? resolve(operation.requestBody) : null;
  return el('article', { id, 'aria-labelledby': id + '-title' },
    el('h3', { id: id + '-title' }, el('span', { class: 'method ' + method }, method), ' ', el('code', null, path), ' ', el('a', { class: 'anchor', href: '#' + id, 'aria-label': 'Link to ' + (operation.summary || id) }, '#')),
    el('p', null, el('strong', null, operation.summary || '')),
    words(operation.description),
    operation.security && !operation.security.length ? el('p', { class: 'soft' }, 'Needs no token.') : null,
    parameters.length ? el('h4', null, 'Parameters') : null,
    ...parameters.map(p => memberOf(p.name, { ...resolve(p.schema), description: p.description || resolve(p.schema).description }, p.required)).map((member, i) => {
      member.querySelector('.type').before('in ' + parameters[i].in + ' ');
      return member;
    }),
    body ? el('h4', null, 'Body') : null,
    body ? words(body.description) : null,
    ...(body ? content(body.content, true) : []),
    el('h4', null, 'Answers'),
    ...Object.entries(operation.responses || {}).map(([status, response]) => {
      const one = resolve(response);
      return openable([el('code', null, status), ' ' + (one.description || '').split('\n')[0]], () => el('div', { class: 'members' }, ...content(one.content, true), headers(one.headers)));
    }),
    el('h4', null, 'Command'),
    block(curl(method, path, operation), 'command for ' + (operation.summary || id)));
}

function indexOf(path, method, operation) {
  const seen = new Set();
  const collect = (node, depth) => {
    if (!node || typeof node !== 'object' || depth > 6 || seen.has(node)) return '';
    seen.add(node);
    const one = resolve(node);
    return [one.description, one.summary, one.name, ...Object.keys(one.properties || {})].filter(Boolean).join(' ') + ' ' + Object.values(one).map(child => collect(child, depth + 1)).join(' ');
  };
  return [method, path, operation.operationId, operation.summary, operation.description, (operation.tags || []).join(' '), collect(operation.requestBody, 0), (operation.parameters || []).map(p => collect(p, 0)).join(' ')].join(' ').toLowerCase();
}

function draw() {
  const [main, contents] = [document.getElementById('operations'), document.getElementById('contents')];
  main.replaceChildren(
    words(api.info.description),
    el('p', { class: 'soft' }, 'Version ' + api.info.version + ' · OpenAPI ' + api.openapi + ' · ', el('a', { href: 'openapi.json' }, 'openapi.json'), api.info.license ? ' · ' + api.info.license.name : null));
  const schemes = Object.values((api.components || {}).securitySchemes || {});
  if (schemes.length) {
    main.append(el('section', { 'aria-label': 'Token' }, el('h2', { id: 'token' }, 'Token'), ...schemes.map(scheme => words(scheme.description || (scheme.type === 'http' ? 'Authorization: Bearer TOKEN' : scheme.name + ': TOKEN')))));
  }

  const tags = new Map((api.tags || []).map(tag => [tag.name, { tag, operations: [] }]));
  for (const [path, item] of Object.entries(api.paths)) {
    for (const method of methods.filter(m => item[m])) {
      const name = (item[method].tags || ['other'])[0];
      if (!tags.has(name)) tags.set(name, { tag: { name }, operations: [] });
      tags.get(name).operations.push([path, method, item[method], item.parameters]);
    }
  }

  const entries = [];
  for (const { tag, operations } of tags.values()) {
    if (!operations.length) continue;
    const links = el('div', null, el('h2', null, tag.name));
    const section = el('section', { 'aria-labelledby': 'tag-' + tag.name }, el('h2', { id: 'tag-' + tag.name }, tag.name), words(tag.description));
    for (const [path, method, operation, shared] of operations) {
      const article = drawOperation(path, method, operation, shared);
      const link = el('a', { href: '#' + operation.operationId }, el('span', { class: 'method ' + method }, method), ' ' + path);
      links.append(link);
      section.append(article);
      entries.push({ article, link, section, links, text: indexOf(path, method, operation) });
    }
    contents.append(links);
    main.append(section);
  }

  const schemas = Object.entries((api.components || {}).schemas || {});
  const section = el('section', { 'aria-labelledby': 'schemas' }, el('h2', { id: 'schemas' }, 'Schemas'));
  for (const [name, schema] of schemas) {
    section.append(el('article', { id: 'schema-' + name }, el('h3', null, name, ' ', el('a', { class: 'anchor', href: '#schema-' + name, 'aria-label': 'Link to ' + name }, '#')), words(schema.description), openable([typeOf(schema)], inner(schema))));
  }
  contents.append(el('div', null, el('h2', null, 'More'), el('a', { href: '#schemas' }, 'Schemas')));
  main.append(section);
  return entries;
}

function searchable(entries) {
  const [box, found] = [document.getElementById('search'), document.getElementById('found')];
  const search = () => {
    const wanted = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const entry of entries) {
      const fits = wanted.every(word => entry.text.includes(word));
      count += fits;
      entry.article.hidden = entry.link.hidden = !fits;
    }
    for (const { section, links } of entries) {
      links.hidden = section.hidden = !entries.some(e => e.section === section && !e.article.hidden);
    }
    found.textContent = wanted.length ? count + (count === 1 ? ' operation' : ' operations') : '';
  };
  box.addEventListener('input', search);
  box.addEventListener('keydown', event => {
    if (event.key === 'Enter') {
      const first = entries.find(entry => !entry.article.hidden);
      if (first) first.link.click();
    }
  });
  addEventListener('keydown', event => {
    if (event.key === 'Escape') {
      box.value = '';
      search();
    }
    if (event.key === '/' && !event.ctrlKey && !event.metaKey && !/^(input|textarea|select)$/i.test(document.activeElement.tagName)) {
      event.preventDefault();
      box.focus();
      box.select();
    }
  });
}

function goTo() {
  const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target) target.scrollIntoView();
}

fetch('openapi.json')
  .then(response => response.ok ? response.json() : Promise.reject(new Error('The description was answered with status ' + response.status + '.')))
  .then(read => {
    api = read;
    searchable(draw());
    goTo();
    document.documentElement.dataset.ready = 'true';
  })
  .catch(error => { document.getElementById('operations').replaceChildren(el('p', { role: 'alert' }, String(error.message || error))); });
