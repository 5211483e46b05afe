// Writes what is derived from the command tree: completion scripts and the README's tables; and, where there is Go to
// bring them, from the types of the Kubernetes API: the sandbox's schema. With --check it writes nothing and fails when
// something is stale.
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";

const run = promisify(execFile);
/** The release of the API's Go modules whose types the sandbox has: Kubernetes 1.37. */
const apiModules = ["k8s.io/api@v0.37.0", "k8s.io/apimachinery@v0.37.0"];
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const checking = process.argv.includes("--check");

/** The command tree, from the sources. */
async function loadCommands() {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ["src/commands/index.ts"],
    bundle: true,
    write: false,
    platform: "node",
    format: "esm",
    target: "node20",
    banner: {
      js: `import { createRequire } from "node:module"; const require = createRequire("${import.meta.url}");`,
    },
    external: ["*/sandbox/index.js", "*/authentication/plugins.js"],
    logLevel: "error",
  });
  const [{ text }] = outputFiles;
  const { commands } = await import(`data:text/javascript;base64,${Buffer.from(text).toString("base64")}`);
  return Promise.all(commands.map(async (listed) => ({ ...listed, ...(await listed.load()) })));
}

/** Runs `sts completion SHELL` in memory. */
async function completionOf(commands, shell) {
  const command = commands.find(({ path: name }) => name === "completion");
  let text = "";
  await command.run(shell, { out: { write: (more) => (text += more) } });
  return text;
}

function commandTable(commands) {
  const rows = commands
    .filter(({ hidden }) => !hidden)
    .map(
      ({ path: name, args, summary }) =>
        `| \`sts ${[name, args].filter(Boolean).join(" ").replaceAll("|", "\\|")}\` | ${summary} |`,
    );
  return ["| command | |", "|---|---|", ...rows].join("\n");
}

/** Replaces what stands between the marks `<!-- name -->` and `<!-- /name -->`. */
function fill(document, name, text) {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const before = document.indexOf(start);
  const after = document.indexOf(end);
  if (before < 0 || after < 0) throw new Error(`README.md has no ${start} … ${end}`);
  return `${document.slice(0, before + start.length)}\n${text}\n${document.slice(after)}`;
}

/** The folders of the API's modules; undefined, and said so, where Go cannot bring them. */
async function apiSources() {
  try {
    const { stdout } = await run("go", ["mod", "download", "-json", ...apiModules], { cwd: tmpdir() });
    return JSON.parse(`[${stdout.trim().replaceAll(/\}\s*\{/g, "},{")}]`).map(({ Dir }) => Dir);
  } catch (error) {
    process.stdout.write(`the sandbox's schema is left as it is: ${error.message.split("\n", 1)[0]}\n`);
    return undefined;
  }
}

/** What the sandbox has of the API's types, by path. */
async function schemaFiles() {
  const sources = await apiSources();
  if (!sources) return {};
  const script = path.join(root, "scripts/sandbox-schema.mjs");
  const { stdout } = await run(process.execPath, [script, ...sources], { maxBuffer: 2 ** 24 });
  return JSON.parse(stdout);
}

const commands = await loadCommands();
const readme = await readFile(path.join(root, "README.md"), "utf8");
const files = {
  "completions/sts.bash": await completionOf(commands, "bash"),
  "completions/_sts": await completionOf(commands, "zsh"),
  "completions/sts.fish": await completionOf(commands, "fish"),
  "README.md": fill(readme, "commands", commandTable(commands)),
  ...(await schemaFiles()),
};

const stale = [];
for (const [name, text] of Object.entries(files)) {
  const file = path.join(root, name);
  if ((await readFile(file, "utf8").catch(() => "")) === text) continue;
  stale.push(name);
  if (!checking) await writeFile(file, text);
}
if (stale.length > 0) process.stdout.write(`${checking ? "stale" : "written"}: ${stale.join(", ")}\n`);
if (checking && stale.length > 0) {
  process.stderr.write("run `npm run generate` and commit what it writes\n");
  process.exitCode = 1;
}
