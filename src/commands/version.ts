import type { ConnectionFlags } from "../cluster/kubeconfig/flags.js";
import { formatDocument, type OutputFormat } from "../view/output.js";
import { version } from "../version.js";
import { defineCommand } from "./shared/command.js";
import { readConnection } from "./shared/flags.js";
import { outputFlag, readOutput } from "./shared/output.js";

const formats = ["json", "yaml"] as const;

interface Options {
  connection: ConnectionFlags;
  clientOnly: boolean;
  output: OutputFormat;
}

/** The versions of sts and of the API server. */
export const versionCommand = defineCommand<Options>({
  completes: "none",
  flags: [{ name: "client", help: "only the version of sts; no cluster is asked" }, outputFlag(formats)],

  options(input) {
    return {
      connection: readConnection(input),
      clientOnly: input.boolean("client"),
      output: readOutput(input, formats),
    };
  },

  async run({ connection, clientOnly, output }, context) {
    const clientVersion = { gitVersion: `v${version}` };
    const show = (serverVersion?: { gitVersion: string }): void => {
      const lines = [
        `Client Version: ${clientVersion.gitVersion}\n`,
        ...(serverVersion ? [`Server Version: ${serverVersion.gitVersion}\n`] : []),
      ];
      const document = { clientVersion, ...(serverVersion && { serverVersion }) };
      context.out.write(output.type === "table" ? lines.join("") : formatDocument(output, document));
    };
    if (clientOnly) {
      show();
      return 0;
    }
    try {
      const cluster = await context.cluster(connection);
      show(await cluster.version());
    } catch (error) {
      // As kubectl does: the client's version is known without any cluster, and comes first.
      show();
      throw error;
    }
    return 0;
  },
});
