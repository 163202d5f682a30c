// The metrics of the product, read from its own reference page: name → kind and labels, each label with its closed set of values or null.
import { readFileSync } from "node:fs";

const suffixes = { histogram: ["_bucket", "_sum", "_count"], counter: [""], gauge: [""], info: [""] };
const fromPrometheus = ["job", "instance"];

export function readCatalogue(page) {
  const catalogue = new Map([["up", { kind: "gauge", labels: new Map() }]]);
  let metric;
  for (const line of readFileSync(page, "utf8").split("\n")) {
    const head = /^### `([a-z_:0-9]+)`$/.exec(line);
    const kind = /^(Counter|Gauge|Histogram|Info)\b/.exec(line);
    const label = /^- `([a-z_]+)`: (.*)$/.exec(line);
    if (head) {
      catalogue.set(head[1], (metric = { labels: new Map() }));
    } else if (kind && metric && !metric.kind) {
      metric.kind = kind[1].toLowerCase();
    } else if (label && metric) {
      metric.labels.set(label[1], /^`[^`]*`(, `[^`]*`)*$/.test(label[2]) ? [...label[2].matchAll(/`([^`]*)`/g)].map((m) => m[1]) : null);
    }
  }
  return catalogue;
}

// Everything in a PromQL expression that the product does not have, in words. Grafana's variables and intervals may stand in it.
export function problemsOf(expression, catalogue) {
  const problems = [];
  const plain = expression.replace(/\$__\w+|\$\{?\w+\}?/g, "5m");
  const labelsSeen = new Set();
  for (const [, name, , matchers] of plain.matchAll(/\b([a-z_:][a-z0-9_:]*)(\{([^}]*)\})?/gi)) {
    const known = find(name, catalogue);
    if (!known) {
      if (/^(synthwave|process|dotnet|up$)/.test(name)) {
        problems.push(`no metric ${name}`);
      }
      continue;
    }
    for (const label of [...known.labels.keys(), ...fromPrometheus, ...(known.kind === "histogram" ? ["le"] : [])]) {
      labelsSeen.add(label);
    }
    for (const [, label, operator, value] of (matchers ?? "").matchAll(/([a-z_]+)\s*(=~|!~|!=|=)\s*"([^"]*)"/g)) {
      if (!known.labels.has(label) && !fromPrometheus.includes(label)) {
        problems.push(`${name} has no label ${label}`);
      }
      const closed = known.labels.get(label);
      for (const word of closed && value !== "5m" ? value.split("|") : []) {
        const fits = operator.includes("~") ? closed.some((c) => new RegExp(`^(?:${word})$`).test(c)) : closed.includes(word);
        if (!fits) {
          problems.push(`${name} has no ${label} "${word}"`);
        }
      }
    }
  }
  for (const [, list] of plain.matchAll(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)/g)) {
    for (const label of list.split(",").map((l) => l.trim()).filter(Boolean)) {
      if (!labelsSeen.has(label)) {
        problems.push(`nothing in it has the label ${label}`);
      }
    }
  }
  return problems;
}

function find(name, catalogue) {
  if (catalogue.has(name)) {
    return catalogue.get(name).kind === "histogram" ? undefined : catalogue.get(name);
  }
  const suffix = suffixes.histogram.find((s) => name.endsWith(s));
  const family = suffix && catalogue.get(name.slice(0, -suffix.length));
  return family?.kind === "histogram" ? family : undefined;
}
