// Writes what is derived from the command tree: completion scripts and the README's tables. With --check it
// writes nothing and fails when something is stale.
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

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

const commands = await loadCommands();
const readme = await readFile(path.join(root, "README.md"), "utf8");
const files = {
  "completions/sts.bash": await completionOf(commands, "bash"),
  "completions/_sts": await completionOf(commands, "zsh"),
  "completions/sts.fish": await completionOf(commands, "fish"),
  "README.md": fill(readme, "commands", commandTable(commands)),
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
