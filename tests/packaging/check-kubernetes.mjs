// check-kubernetes.mjs RENDERED.yaml WORK: every document is what the Kubernetes API (1.3x) and the Prometheus operator take, by their own schemas: values by the validators that
// are made from them, unknown and missing members by their types and the TypeScript compiler. Then what a safe deployment wants.
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseAllDocuments } from "yaml";

const [file, work] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
const problems = [];
const documents = parseAllDocuments(readFileSync(file, "utf8"))
  .filter((d) => {
    problems.push(...d.errors.map((e) => e.message));
    return d.contents;
  })
  .map((d) => d.toJS());

const moduleOf = ({ apiVersion, kind }) =>
  apiVersion === "monitoring.coreos.com/v1" ? `@kubernetes-models/prometheus-operator/${apiVersion}/${kind}` : `kubernetes-models/${apiVersion}/${kind}`;
let source = "";
for (const [i, document] of documents.entries()) {
  const name = `${document.kind} ${document.metadata?.name}`;
  try {
    const { [document.kind]: Model } = await import(moduleOf(document));
    new Model(structuredClone(document)).validate();
  } catch (e) {
    problems.push(`${name}: ${e.message}`);
    continue;
  }
  source += `import type { I${document.kind} as T${i} } from "${moduleOf(document)}";\n/* ${name} */ export const d${i}: T${i} = ${JSON.stringify(document, null, 1)};\n`;
}

mkdirSync(work, { recursive: true });
symlinkSync(join(here, "node_modules"), join(work, "node_modules"));
writeFileSync(join(work, "rendered.mts"), source);
const options = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--moduleResolution", "nodenext", "--target", "es2022"];
const compiler = spawnSync(process.execPath, [join(here, "node_modules/typescript/bin/tsc"), ...options, join(work, "rendered.mts")], { encoding: "utf8", timeout: 60_000 });
if (compiler.status !== 0) {
  problems.push(compiler.stdout + compiler.stderr);
}

if (problems.length) {
  console.log(problems.join("\n"));
  process.exit(1);
}

const of = (kind) => documents.filter((d) => d.kind === kind);
const wants = (holds, words) => holds || problems.push(words);
const names = new Set(documents.map((d) => `${d.kind}/${d.metadata.name}`));
wants(names.size === documents.length, "two documents of one kind have one name");
const [deployment] = of("Deployment");
const pod = deployment.spec.template.spec;
const [container] = pod.containers;
wants(pod.securityContext.runAsNonRoot && pod.securityContext.runAsUser > 0, "the pod may run as root");
wants(pod.automountServiceAccountToken === false, "the pod gets a token of the cluster");
wants(container.securityContext.readOnlyRootFilesystem && container.securityContext.capabilities.drop.includes("ALL") && container.securityContext.allowPrivilegeEscalation === false, "the container is not confined");
wants(container.livenessProbe.httpGet.path === "/healthz" && container.readinessProbe.httpGet.path.endsWith("/v1/health"), "the probes look elsewhere");
wants(container.volumeMounts.every((m) => !m.subPath && m.readOnly), "a mount is writable, or a file that is never renewed");
for (const mount of container.volumeMounts) {
  const volume = pod.volumes.find((v) => v.name === mount.name);
  const [kind, name] = volume.configMap ? ["ConfigMap", volume.configMap.name] : ["Secret", volume.secret.secretName];
  wants(names.has(`${kind}/${name}`) || process.env.EXISTING?.split(" ").includes(name), `${kind} ${name} is mounted and not there`);
}
const selects = (selector, labels) => Object.entries(selector).every(([k, v]) => labels[k] === v);
const labels = deployment.spec.template.metadata.labels;
for (const [what, selector] of [
  ["Deployment", deployment.spec.selector.matchLabels],
  ...of("Service").map((d) => ["Service", d.spec.selector]),
  ...of("PodDisruptionBudget").map((d) => ["PodDisruptionBudget", d.spec.selector.matchLabels]),
  ...of("NetworkPolicy").map((d) => ["NetworkPolicy", d.spec.podSelector.matchLabels]),
]) {
  wants(selects(selector, labels), `the ${what} selects other pods`);
}
for (const monitor of of("ServiceMonitor")) {
  wants(of("Service").some((s) => selects(monitor.spec.selector.matchLabels, s.metadata.labels)), "the ServiceMonitor selects no service");
  wants(monitor.spec.endpoints.every((e) => of("Service").some((s) => s.spec.ports.some((p) => p.name === e.port))), "the ServiceMonitor names no port of the service");
}
for (const scaler of of("HorizontalPodAutoscaler")) {
  wants(names.has(`${scaler.spec.scaleTargetRef.kind}/${scaler.spec.scaleTargetRef.name}`) && deployment.spec.replicas === undefined, "the autoscaler has nothing to scale, or the deployment overrules it");
}
console.log(problems.join("\n") || `${documents.length} documents: ${documents.map((d) => d.kind).join(", ")}`);
process.exitCode = problems.length ? 1 : 0;
