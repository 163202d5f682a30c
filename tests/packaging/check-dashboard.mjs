// check-dashboard.mjs METRICS.md DASHBOARD.json: what Grafana needs to import it, and that every metric, label and value in its queries is the product's.
import { readFileSync } from "node:fs";
import { problemsOf, readCatalogue } from "./catalogue.mjs";

const [page, file] = process.argv.slice(2);
const catalogue = readCatalogue(page);
const dashboard = JSON.parse(readFileSync(file, "utf8"));
const problems = [];
const wants = (holds, words) => holds || problems.push(words);
const panels = dashboard.panels.filter((p) => p.type !== "row");
const queries = [
  ...panels.flatMap((p) => p.targets.map((t) => [p.title, t.expr, t.legendFormat ?? ""])),
  ...dashboard.annotations.list.map((a) => [a.name, a.expr, `${a.titleFormat} ${a.textFormat}`]),
  ...dashboard.templating.list.filter((v) => v.type === "query").map((v) => [`variable ${v.name}`, v.query.query, ""]),
];
for (const [title, expression, legend] of queries) {
  problems.push(...problemsOf(expression, catalogue).map((p) => `${title}: ${p}`));
  for (const [, label] of legend.matchAll(/\{\{(\w+)\}\}/g)) {
    wants(expression.includes(label) || [...catalogue].some(([name, m]) => expression.includes(name) && (m.labels.has(label) || label === "instance")), `${title}: its legend has ${label}`);
  }
}
for (const v of dashboard.templating.list.filter((v) => v.type === "query")) {
  const [, metric, label] = /^label_values\((\w+), (\w+)\)$/.exec(v.query.query) ?? [];
  wants(label === "instance" || catalogue.get(metric)?.labels.has(label), `variable ${v.name}: ${metric} has no ${label}`);
}
const variables = new Set(dashboard.templating.list.map((v) => v.name));
for (const [, name] of JSON.stringify(dashboard).matchAll(/\$\{?(\w+)\}?/g)) {
  wants(variables.has(name) || /^__(rate_interval|range|all)$/.test(name), `there is no variable ${name}`);
}
wants(new Set(dashboard.panels.map((p) => p.id)).size === dashboard.panels.length, "two panels have one id");
wants(dashboard.uid && dashboard.title && dashboard.schemaVersion >= 36, "it has no uid, title or schema version");
wants(panels.every((p) => p.title && p.description && p.datasource?.uid === "${datasource}"), "a panel has no title, no description or a data source of its own");
for (const [i, a] of dashboard.panels.entries()) {
  const { x, y, w, h } = a.gridPos;
  wants(x >= 0 && x + w <= 24, `${a.title} is wider than the page`);
  for (const b of dashboard.panels.slice(i + 1)) {
    const o = b.gridPos;
    wants(x + w <= o.x || o.x + o.w <= x || y + h <= o.y || o.y + o.h <= y, `${a.title} and ${b.title} overlap`);
  }
}
// What an operator looks for first.
for (const name of ["synthwave_requests_total", "synthwave_request_seconds", "synthwave_first_content_seconds", "synthwave_upstream_up", "synthwave_cost_usd_total", "synthwave_tokens_total", "synthwave_stragglers_cut_total", "process_resident_memory_bytes"]) {
  wants(queries.some(([, e]) => e.includes(name)), `no panel shows ${name}`);
}
console.log([...new Set(problems)].join("\n") || `${panels.length} panels, ${queries.length} queries`);
process.exitCode = problems.length ? 1 : 0;
