// The least that the work of a row takes in Node: the requests alone, over kept connections, their answers parsed and
// forgotten. Written as CommonJS without imports of ours, so that its start costs what a bare node does.
//
//   node bare-loop.cjs list NAMESPACE          reads its claims in pages of 500
//   node bare-loop.cjs delete NAMESPACE FILE   reads them, and deletes those whose names are the lines of FILE
"use strict";
const { readFileSync } = require("node:fs");
const https = require("node:https");

const atATime = 32;

const [verb, namespace, file] = process.argv.slice(2);
const { clusters, users } = JSON.parse(readFileSync(process.env.KUBECONFIG, "utf8"));
const { cluster } = clusters[0];
const agent = new https.Agent({
  ca: Buffer.from(cluster["certificate-authority-data"], "base64"),
  keepAlive: true,
  maxSockets: atATime,
});
const collection = `/api/v1/namespaces/${namespace}/persistentvolumeclaims`;

function send(method, path, body) {
  const headers = { authorization: `Bearer ${users[0].user.token}` };
  if (body) headers["content-length"] = Buffer.byteLength(body);
  if (body) headers["content-type"] = "application/json";
  return new Promise((resolve, reject) => {
    const request = https.request(cluster.server + path, { method, agent, headers }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        if (response.statusCode === 200) resolve(JSON.parse(text));
        else reject(new Error(`${method} ${path}: ${response.statusCode} ${text}`));
      });
    });
    request.on("error", reject);
    request.end(body);
  });
}

async function list() {
  const uids = new Map();
  for (let token = ""; ;) {
    const page = await send(
      "GET",
      `${collection}?limit=500${token && `&continue=${encodeURIComponent(token)}`}`,
    );
    for (const { metadata } of page.items) uids.set(metadata.name, metadata.uid);
    token = page.metadata.continue;
    if (!token) return uids;
  }
}

async function main() {
  const uids = await list();
  if (verb !== "delete") return;
  const names = readFileSync(file, "utf8").split("\n").filter(Boolean);
  const worker = async () => {
    for (let name = names.pop(); name; name = names.pop()) {
      await send(
        "DELETE",
        `${collection}/${name}`,
        JSON.stringify({ preconditions: { uid: uids.get(name) } }),
      );
    }
  };
  await Promise.all(Array.from({ length: atATime }, worker));
}

void main().finally(() => agent.destroy());
