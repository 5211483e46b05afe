import { ExitCode } from "../errors.js";
import { sanitizeLine } from "../view/sanitize.js";
import { defineCommand } from "./shared/command.js";
import { reachedNameFlag, readNamedSandbox, refuseArguments } from "./shared/sandbox.js";

interface Options {
  name: string | undefined;
  follow: boolean;
  tail: number | undefined;
}

/** Shows a sandbox's log: its requests, the faults that fell upon them, and what controllers had to try again. */
export const sandboxLogsCommand = defineCommand<Options>({
  completes: "none",
  connects: false,
  description: `A line for each request: when it was answered, the status code (000: the connection ended without an answer),
the verb, how long it took, the path, who asked, and the faults that fell upon it. A watch has a line when it begins ("...") and one
when it ends. The newest requests are kept, 2 to 4 MiB of them.`,
  examples: `
sts sandbox logs -f
sts sandbox logs --tail=20 --name=fast`,
  flags: [
    reachedNameFlag,
    { name: "follow", short: "f", help: "go on with what is asked from now on" },
    { name: "tail", value: "N", help: "only the last lines, so many (default all that are kept)" },
  ],

  options(input) {
    refuseArguments(input);
    return { name: readNamedSandbox(input), follow: input.boolean("follow"), tail: input.integer("tail") };
  },

  async run({ name, follow, tail }, { out, err, clock, env, signal }) {
    const { locateLog } = await import("../sandbox/process/control.js");
    const { followLog, lastLines } = await import("../sandbox/process/read-log.js");
    const { file, title, lastWords, goesOn } = await locateLog({ env }, name);
    const onLine = (line: string) => out.write(`${sanitizeLine(line)}\n`);
    const { lines, offset } = await lastLines(file, tail);
    for (const line of lines) onLine(line);
    if (lastWords !== undefined) {
      err.write(`${title} has crashed${lastWords && `; its last words:\n${lastWords}`}\n`);
      return ExitCode.Error;
    }
    if (lines.length === 0 && !follow) err.write(`${title} has not been asked anything yet\n`);
    if (follow) await followLog(file, offset, { onLine, goesOn, sleep: (ms) => clock.sleep(ms, signal) });
    return ExitCode.Done;
  },
});
