// one.mjs NAME: runs the cases of one framework against SYNTHWAVE_URL and prints them as JSON: case → "ok", "–" or what went wrong.
const said = {};
try {
  const { cases } = await import(`./${process.argv[2]}.mjs`);
  for (const [name, check] of Object.entries(cases)) {
    said[name] = check ? await Promise.race([check(), new Promise((_, late) => setTimeout(() => late(new Error('not over after 30 s')), 30_000).unref())]).then(() => 'ok', (error) => String(error?.message ?? error).slice(0, 500)) : '–';
  }
} catch (error) {
  said.load = String(error?.stack ?? error).slice(0, 500);
}

console.log(`\nRESULT ${JSON.stringify(said)}`);
process.exit(0);
