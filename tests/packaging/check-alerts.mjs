// check-alerts.mjs METRICS.md RULES.yaml RULES.test.yaml: names and labels exist, every rule says what to do and has a test in which it fires.
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { problemsOf, readCatalogue } from "./catalogue.mjs";

const [page, file, testFile] = process.argv.slice(2);
const catalogue = readCatalogue(page);
const rules = parse(readFileSync(file, "utf8")).groups.flatMap((g) => g.rules);
const tests = parse(readFileSync(testFile, "utf8")).tests.flatMap((t) => t.alert_rule_test);
const problems = [];
for (const rule of rules) {
  problems.push(...problemsOf(rule.expr, catalogue).map((p) => `${rule.alert}: ${p}`));
  for (const [, expression] of rule.annotations.description.matchAll(/: ([a-z_]+\(.*\))\.$/g)) {
    problems.push(...problemsOf(expression.replaceAll(/\{\{.*?\}\}/g, "x"), catalogue).map((p) => `${rule.alert}, description: ${p}`));
  }
  if (!rule.annotations.summary || !rule.annotations.description || !/^(info|warning|critical)$/.test(rule.labels.severity)) {
    problems.push(`${rule.alert}: wants a summary, a description and a severity`);
  }
  if (!tests.some((t) => t.alertname === rule.alert && t.exp_alerts?.length)) {
    problems.push(`${rule.alert}: no test in which it fires`);
  }
}
if (rules.length === 0 || new Set(rules.map((r) => r.alert)).size !== rules.length) {
  problems.push("no rules, or two of one name");
}
report(problems, `${rules.length} rules`);

function report(found, what) {
  console.log(found.length ? found.join("\n") : what);
  process.exitCode = found.length ? 1 : 0;
}
