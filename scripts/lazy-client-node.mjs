// Of client-node only KubeConfig is used at run time: for auth-providers and proxies. Its module imports the generated
// API classes (2 MB), undici (which crashes at load on Node 20) and openid-client (we refresh OIDC tokens ourselves), all
// for methods that are never called here. They are replaced by empty modules.
import path from "node:path";
import { fileURLToPath } from "node:url";

const client = path.dirname(fileURLToPath(import.meta.resolve("@kubernetes/client-node")));
const unused = ["undici", "node-fetch", "isomorphic-ws", "openid-client"];

export const lazyClientNode = {
  name: "lazy-client-node",
  setup(bundler) {
    bundler.onResolve({ filter: /^@kubernetes\/client-node$/ }, () => ({
      path: path.join(client, "config.js"),
    }));
    bundler.onResolve({ filter: /.*/ }, ({ path: target, importer, resolveDir }) => {
      if (!importer.startsWith(client)) return undefined;
      const isGenerated = path.resolve(resolveDir, target).startsWith(path.join(client, "gen") + path.sep);
      if (!isGenerated && !unused.includes(target)) return undefined;
      return { path: target, namespace: "left-out" };
    });
    bundler.onLoad({ filter: /.*/, namespace: "left-out" }, () => ({
      contents: "module.exports = {};",
      loader: "js",
    }));
  },
};
