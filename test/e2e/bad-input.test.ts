import { mkdirSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { describe, expect } from "vitest";
import { parse, stringify } from "yaml";
import { readFileSync } from "node:fs";
import { kinds } from "../../src/core/kinds.js";
import { it, type Scenario } from "./support/cluster.js";
import type { Result, RunOptions } from "./support/process.js";
import { runningSet, setManifest } from "./support/sets.js";

/** One clear message on stderr, nothing on stdout, the documented code, and never a stack trace. */
function expectRefusal({ code, stdout, stderr }: Result, expected: number, message: RegExp | string): void {
  expect(stderr).toMatch(message);
  expect(code, stderr).toBe(expected);
  expect(stdout).toBe("");
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(stderr).not.toMatch(/TypeError|RangeError|ReferenceError|\[object |undefined\b/);
  expect(stderr.split("\n").length, stderr).toBeLessThan(12);
}

/** A server on loopback that counts what is asked of it, and never answers. */
async function silentServer(): Promise<{ url: string; requests(): number; close(): void }> {
  let requests = 0;
  const server = createServer(() => {
    requests += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests: () => requests,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

type Row = readonly [title: string, args: readonly string[], message: RegExp];

/** What can be told from the command line alone: exit 2, and no request is sent. */
const usage: readonly Row[] = [
  ["an unknown command", ["scal", "web"], /unknown command/],
  ["an unknown subcommand", ["pvc", "clean"], /unknown command/],
  ["a group with a flag of nobody", ["rollout", "--steps=1"], /unknown flag: --s/],
  ["an unknown flag", ["scale", "web", "--replica=3"], /unknown flag: --replica\b[^]*--replicas/],
  ["an unknown short flag", ["get", "-x"], /-x/],
  ["a flag without its value", ["scale", "web", "--replicas"], /--replicas/],
  ["an argument too many", ["status", "web", "db"], /one StatefulSet at a time/],
  ["no name", ["scale", "--replicas=3"], /name a StatefulSet/],
  ["no replicas", ["scale", "web"], /--replicas/],
  ["replicas -1", ["scale", "web", "--replicas=-1"], /--replicas: "-1"/],
  ["replicas 1e9", ["scale", "web", "--replicas=1e9"], /--replicas: "1e9"/],
  ["replicas 1000000000", ["scale", "web", "--replicas=1000000000"], /--replicas/],
  ["replicas three", ["scale", "web", "--replicas=three"], /--replicas: "three"/],
  ["replicas 2.5", ["scale", "web", "--replicas=2.5"], /--replicas: "2.5"/],
  ["another kind", ["scale", "deployment/web", "--replicas=1"], /deployment/],
  ["a bad duration", ["scale", "web", "--replicas=3", "--timeout=soon"], /--timeout: .*soon/],
  ["a negative duration", ["scale", "web", "--replicas=3", "--timeout=-5s"], /--timeout/],
  ["names and a selector", ["delete", "web", "-l", "app=web"], /cannot be used together/],
  ["no set to delete", ["delete"], /name a StatefulSet/],
  [
    "--ordered with orphans",
    ["delete", "web", "--ordered", "--cascade=orphan"],
    /--ordered .*--cascade=orphan/,
  ],
  [
    "claims deleted under orphans",
    ["delete", "web", "--claims=delete", "--cascade=orphan"],
    /--claims=delete/,
  ],
  ["an unknown cascade", ["delete", "web", "--cascade=never"], /--cascade/],
  ["--ordered without waiting", ["delete", "web", "--ordered", "--wait=false"], /--ordered/],
  ["an unknown output", ["get", "-o", "xml"], /xml/],
  ["go-template", ["get", "-o", "go-template={{.}}"], /go-template/],
  ["a broken jsonpath", ["get", "-o", "jsonpath={.items[}"], /jsonpath|\{\.items\[\}/],
  ["broken columns", ["get", "-o", "custom-columns=NAME"], /custom-columns|NAME/],
  ["a broken selector", ["get", "-l", "app in web"], /app in web/],
  ["a name across namespaces", ["get", "web", "-A"], /all namespaces/],
  ["an unknown state", ["pvc", "cleanup", "--include=in-use"], /--include: .*in-use/],
  ["an unknown state to list", ["pvc", "list", "--state=lost"], /--state: .*lost/],
  ["a set without templates", ["pvc", "cleanup", "--set=web"], /--template/],
  ["concurrency 0", ["pvc", "cleanup", "--concurrency=0"], /--concurrency/],
  ["a stage of nothing", ["rollout", "stage", "web"], /--partition/],
  [
    "two ways to stage",
    ["rollout", "stage", "web", "--partition=1", "--canary=1"],
    /--partition.*--canary|together/,
  ],
  ["a percentage of 150", ["rollout", "stage", "web", "--percent=150"], /--percent/],
  ["an image without a container", ["set", "image", "web", "nginx:1.30"], /CONTAINER=IMAGE/],
  ["no image", ["set", "image", "web"], /CONTAINER=IMAGE/],
  ["an unknown progress", ["scale", "web", "--replicas=1", "--progress=loud"], /--progress/],
  ["an unknown shell", ["completion", "tcsh"], /name one shell: bash, zsh, fish/],
  ["a bad dry run", ["create", "web", "--image=nginx", "--dry-run=maybe"], /--dry-run/],
  ["create without an image", ["create", "web"], /--image/],
  ["create without a name", ["create", "--image=nginx"], /name of a StatefulSet/],
  ["a name over 52 characters", ["create", "w".repeat(53), "--image=nginx"], /52/],
  ["a name with capitals", ["create", "Web", "--image=nginx"], /"Web"/],
  ["a name with an underscore", ["create", "my_web", "--image=nginx"], /my_web/],
  ["a bad quantity", ["create", "web", "--image=nginx", "--storage=www=1Gigs:/data"], /1Gigs/],
  ["storage of 0", ["create", "web", "--image=nginx", "--storage=www=0:/data"], /0/],
  ["negative storage", ["create", "web", "--image=nginx", "--storage=www=-1Gi:/data"], /-1Gi/],
  ["storage without a path", ["create", "web", "--image=nginx", "--storage=www=1Gi"], /NAME=SIZE:PATH|path/i],
  ["an unknown access mode", ["create", "web", "--image=nginx", "--storage=www=1Gi:/d,mode=XYZ"], /XYZ/],
  ["two claims of one name", ["create", "web", "--image=x", "--storage=a=1Gi:/a", "--storage=a=1Gi:/b"], /a/],
  [
    "two mounts at one path",
    ["create", "web", "--image=x", "--storage=a=1Gi:/a", "--mount=emptydir:/a"],
    /\/a/,
  ],
  ["port 0", ["create", "web", "--image=nginx", "--port=0"], /port/],
  ["port 70000", ["create", "web", "--image=nginx", "--port=70000"], /70000/],
  ["a bad protocol", ["create", "web", "--image=nginx", "--port=80/ICMP"], /ICMP/],
  ["a bad environment", ["create", "web", "--image=nginx", "--env=NOVALUE"], /NOVALUE/],
  ["bad cpu", ["create", "web", "--image=nginx", "--requests=cpu=lots"], /lots/],
  [
    "more requested than allowed",
    ["create", "web", "--image=x", "--requests=cpu=2", "--limits=cpu=1"],
    /cpu/,
  ],
  ["a bad probe", ["create", "web", "--image=nginx", "--readiness=ping:80"], /ping/],
  ["a bad label", ["create", "web", "--image=nginx", "--labels=a b=c"], /a b/],
  ["a bad retention", ["create", "web", "--image=nginx", "--pvc-retention=scaled=Drop"], /Drop/],
  ["a bad budget", ["create", "web", "--image=nginx", "--pdb=max=1"], /pdb/],
  [
    "a partition under OnDelete",
    ["create", "web", "--image=x", "--strategy=OnDelete", "--partition=1"],
    /OnDelete/,
  ],
  ["maxUnavailable 0", ["create", "web", "--image=nginx", "--max-unavailable=0"], /max-unavailable/],
  ["flags and a file", ["create", "-f", "web.yaml", "--replicas=3"], /--replicas cannot be used with -f/],
  ["a name and a file", ["create", "web", "-f", "web.yaml"], /cannot be used together/],
  ["-R without a file", ["create", "web", "--image=nginx", "-R"], /-f/],
  ["a verbosity that is none", ["get", "-v", "loud"], /-v|--v/],
];

describe("what the command line alone tells", () => {
  for (const [title, args, message] of usage) {
    it(`${title}: sts ${args.join(" ").slice(0, 70)}`, async ({ scenario }) => {
      const server = await silentServer();
      try {
        const result = await scenario.sts([
          ...args,
          ...(args[0] === "completion" ? [] : ["--server", server.url]),
        ]);
        expectRefusal(result, 2, message);
        expect(server.requests()).toBe(0);
      } finally {
        server.close();
      }
    });
  }
});

const web = stringify(setManifest("web"), { aliasDuplicateObjects: false });
const indented = (text: string) => text.replaceAll(/^/gm, "  ");
const bomb = [
  "a: &a [x, x, x, x, x, x, x, x, x]",
  ..."bcdefghi".split("").map((name, index) => {
    const before = `*${"abcdefgh"[index]}`;
    return `${name}: &${name} [${Array.from({ length: 9 }, () => before).join(", ")}]`;
  }),
].join("\n");

/** By what is in the file: what is said of it, with file, line and column. */
const files: readonly (readonly [title: string, text: string, message: RegExp])[] = [
  ["nothing", "", /bad\.yaml: no objects in it/],
  ["only comments", "# nothing\n---\n# here\n", /bad\.yaml: no objects in it/],
  [
    "a tab",
    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n\tname: a\n",
    /bad\.yaml:4:1: a tab indents this line/,
  ],
  ["a key twice", `${web}kind: StatefulSet\n`, /bad\.yaml:\d+:1: this key is there twice/],
  [
    "an alias bomb",
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n${indented(bomb)}\n`,
    /bad\.yaml:\d+:\d+: .*alias/,
  ],
  ["a broken mapping", "apiVersion: v1\nkind: [ConfigMap\n", /bad\.yaml:\d+:\d+: /],
  ["a text instead of an object", "hello\n", /bad\.yaml:1:1: an object of Kubernetes is a mapping/],
  ["no kind", "apiVersion: v1\nmetadata: {name: a}\n", /bad\.yaml:1:1: kind is missing/],
  [
    "no apiVersion",
    "kind: ConfigMap\nmetadata: {name: a}\n",
    /bad\.yaml:1:1: apiVersion of this ConfigMap is missing/,
  ],
  [
    "no name",
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n",
    /bad\.yaml:3:1: metadata.name of this ConfigMap is missing/,
  ],
  [
    "a number as a name",
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: 12}\n",
    /bad\.yaml:3:\d+: metadata.name .* must be text/,
  ],
  [
    "text for replicas",
    web.replace("replicas: 1", "replicas: three"),
    /bad\.yaml:\d+:\d+: StatefulSet "web": spec.replicas /,
  ],
  [
    "replicas -1",
    web.replace("replicas: 1", "replicas: -1"),
    /bad\.yaml:\d+:\d+: StatefulSet "web": spec.replicas /,
  ],
  [
    "replicas 1e9",
    web.replace("replicas: 1", "replicas: 1000000000"),
    /bad\.yaml:\d+:\d+: StatefulSet "web": spec.replicas /,
  ],
  ["a mapping for containers", web.replace("- name: main", "  name: main"), /bad\.yaml:\d+:\d+: /],
  [
    "a name over 52 characters",
    web.replace("  name: web", `  name: ${"w".repeat(53)}`),
    /bad\.yaml:\d+:\d+: .*52/,
  ],
  [
    "the same object twice",
    `${web}---\n${web}`,
    /bad\.yaml:\d+:\d+: StatefulSet "web" is there twice, first at bad\.yaml:1:1/,
  ],
  ["a byte 0", "apiVersion: v1\u0000\n", /bad\.yaml:1:15: not text/],
  ["a thousand and one documents", "---\na: b\n".repeat(1_001), /bad\.yaml:\d+:1: more than 1000 documents/],
  ["too much of anything", `# ${"x".repeat(17 * 1024 * 1024)}\n`, /bad\.yaml: \d+ bytes is too large/],
  ["deep nesting", `a: ${"[".repeat(20_000)}`, /bad\.yaml:\d+:\d+: /],
  [
    "a number that JSON has not",
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, x: .inf}\n",
    /bad\.yaml:3:\d+: /,
  ],
];

describe("manifests that cannot be used", () => {
  for (const [title, text, message] of files) {
    it(`${title}: exit 2 with the place, and nothing sent, by create and by delete`, async ({ scenario }) => {
      scenario.file("bad.yaml", text);
      const server = await silentServer();
      try {
        for (const command of ["create", "delete"]) {
          if (command === "delete" && /replicas|52|containers/.test(title)) continue;
          const result = await scenario.sts([command, "-f", "bad.yaml", "--server", server.url]);
          expectRefusal(result, 2, message);
        }
        expect(server.requests()).toBe(0);
        expectRefusal(
          await scenario.sts(["create", "-f", "-", "--server", server.url], { stdin: text }),
          2,
          new RegExp(message.source.replaceAll("bad\\.yaml", "standard input")),
        );
      } finally {
        server.close();
      }
    });
  }

  it("files that are not there, directories without manifests, binaries", async ({ scenario }) => {
    mkdirSync(path.join(scenario.directory, "empty"));
    scenario.file("notes/readme.txt", "nothing");
    scenario.file("elf.yaml", readFileSync(process.execPath).subarray(0, 4_096).toString("latin1"));
    const rows: [string, RegExp][] = [
      ["missing.yaml", /the path "missing\.yaml" does not exist/],
      ["empty", /empty: no manifests in this directory/],
      ["notes", /notes: no manifests in this directory/],
      ["elf.yaml", /elf\.yaml:\d+:\d+: not text/],
      ["web.yaml/x", /does not exist/],
      ["https://127.0.0.1:1/web.yaml", /sts does not download manifests/],
    ];
    for (const [file, message] of rows) {
      for (const command of ["create", "delete"]) {
        expectRefusal(await scenario.sts([command, "-f", file]), 2, message);
      }
    }
  });

  it("kinds that the cluster does not serve, and fields that it does not know", async ({ scenario }) => {
    scenario.file("wrong.yaml", "apiVersion: apps/v1\nkind: StatefulSett\nmetadata: {name: web}\n");
    expectRefusal(await scenario.sts(["create", "-f", "wrong.yaml"]), 1, /StatefulSett/);
    scenario.file("group.yaml", "apiVersion: example.com/v7\nkind: Widget\nmetadata: {name: web}\n");
    expectRefusal(await scenario.sts(["create", "-f", "group.yaml"]), 1, /example\.com\/v7/);
    scenario.file("other.yaml", web.replace("app: web", "app: other"));
    expectRefusal(
      await scenario.sts(["create", "-f", "other.yaml"]),
      1,
      /The StatefulSet "web" is invalid: .*`selector` does not match template `labels`/,
    );
    const typo = web.replace("serviceName:", "servicename:");
    scenario.file("typo.yaml", typo);
    const result = await scenario.sts(["create", "-f", "typo.yaml"]);
    expect([1, 2]).toContain(result.code);
    expectRefusal(result, result.code ?? 0, /servicename/);
    expect((await scenario.cluster.list(kinds.statefulSet, {})).items).toEqual([]);
  });
});

/** Commands that reach a cluster, each in the way it is used most. */
const reaching: readonly (readonly string[])[] = [
  ["get"],
  ["get", "-w"],
  ["status", "web"],
  ["scale", "web", "--replicas=3"],
  ["set", "image", "web", "main=nginx:1.30"],
  ["rollout", "status", "web"],
  ["rollout", "stage", "web", "--canary=1"],
  ["rollout", "promote", "web"],
  ["pvc", "list", "web"],
  ["pvc", "cleanup", "web", "--yes"],
  ["delete", "web"],
  ["create", "web", "--image=nginx"],
];

async function eachCommand(
  scenario: Scenario,
  flags: readonly string[],
  code: number,
  message: RegExp,
  options: RunOptions = {},
): Promise<void> {
  for (const command of reaching) {
    const result = await scenario.sts([...command, ...flags], options);
    expectRefusal(result, code, message);
  }
}

describe("no way to the cluster", () => {
  it("no kubeconfig at all", async ({ scenario }) => {
    await eachCommand(scenario, [], 2, /kubeconfig/i, { env: { KUBECONFIG: "" } });
  });

  it("a kubeconfig that is not there, or broken, or names what it has not", async ({ scenario }) => {
    const good = parse(readFileSync(scenario.env["KUBECONFIG"] ?? "", "utf8")) as Record<string, unknown>;
    await eachCommand(scenario, ["--kubeconfig=missing"], 2, /missing/);
    await eachCommand(
      scenario,
      ["--context=nowhere"],
      2,
      /context was not found for specified context: nowhere\n.*--context/,
    );
    const broken: Record<string, string> = {
      tab: "apiVersion: v1\n\tkind: Config\n",
      list: "- a\n- b\n",
      types: "apiVersion: v1\nkind: Config\nclusters: 7\n",
      noContext: stringify({ ...good, "current-context": "other" }),
      noCluster: stringify({ ...good, clusters: [] }),
      binary: "\u0000\u0001",
    };
    for (const [name, text] of Object.entries(broken)) {
      scenario.file(name, text);
      const result = await scenario.sts(["get", `--kubeconfig=${name}`]);
      expectRefusal(result, 2, /./);
    }
  });

  it("nobody listens there", async ({ scenario }) => {
    const server = await silentServer();
    server.close();
    await eachCommand(
      scenario,
      ["--server", server.url],
      1,
      /The connection to the server 127\.0\.0\.1:\d+ was refused - did you specify the right host or port\?/,
    );
  });

  it("a name that is no host", async ({ scenario }) => {
    const result = await scenario.sts(["get", "--server=https://nowhere.invalid:6443"]);
    expectRefusal(result, 1, /nowhere\.invalid/);
  });

  it("a server that never answers, with --request-timeout", async ({ scenario }) => {
    const server = await silentServer();
    try {
      await eachCommand(scenario, ["--server", server.url, "--request-timeout=300ms"], 1, /time|deadline/i);
    } finally {
      server.close();
    }
  });

  it("a server that speaks no HTTP of Kubernetes", async ({ scenario }) => {
    const server = createServer((_request, response) => response.end("<html>hello</html>"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    try {
      for (const command of [["get"], ["scale", "web", "--replicas=3"], ["pvc", "list"]]) {
        const result = await scenario.sts([...command, "--server", `http://127.0.0.1:${port}`]);
        expectRefusal(result, 1, /127\.0\.0\.1|JSON|unexpected/i);
      }
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it("a token that is wrong: 401, once", async ({ scenario }) => {
    const config = parse(readFileSync(scenario.env["KUBECONFIG"] ?? "", "utf8")) as {
      users: { user: unknown }[];
    };
    for (const entry of config.users) entry.user = { token: "expired" };
    const env = { KUBECONFIG: scenario.file("expired", stringify(config)) };
    await eachCommand(
      scenario,
      [],
      1,
      /^(no Service .*\n)?error: You must be logged in to the server \(Unauthorized\)\n/,
      { env },
    );
  });

  it("a certificate of somebody else is not trusted", async ({ scenario }) => {
    const config = parse(readFileSync(scenario.env["KUBECONFIG"] ?? "", "utf8")) as {
      clusters: { cluster: Record<string, unknown> }[];
    };
    for (const { cluster } of config.clusters) delete cluster["certificate-authority-data"];
    const env = { KUBECONFIG: scenario.file("untrusted", stringify(config)) };
    expectRefusal(await scenario.sts(["get"], { env }), 1, /certificate/);
    const warned = await scenario.sts(["get", "--insecure-skip-tls-verify"], { env });
    expect(warned.code, warned.stderr).toBe(0);
    expect(warned.stderr).toContain("Warning: the server's certificate is not verified");
  });
});

describe("what is not there", () => {
  it("a set, or a namespace: NotFound, exit 1, by every command", async ({ scenario }) => {
    for (const command of reaching.filter((args) => args.includes("web") && args[0] !== "create")) {
      const result = await scenario.sts(command);
      expectRefusal(result, 1, /^Error from server \(NotFound\): statefulsets\.apps "web" not found\n$/);
      const elsewhere = await scenario.sts([...command, "-n", "no-such-namespace"]);
      expectRefusal(elsewhere, 1, /^Error from server \(NotFound\): statefulsets\.apps "web" not found\n$/);
    }
    const created = await scenario.sts(["create", "web", "--image=nginx", "-n", "no-such-namespace"]);
    expectRefusal(created, 1, /namespaces "no-such-namespace" not found/);
    const unnamed = await scenario.sts(["get", "-n", "no-such-namespace"]);
    expect(unnamed).toMatchObject({ code: 0, stdout: "" });
    expect(unnamed.stderr).toBe("No resources found in no-such-namespace namespace.\n");
  });

  it("a container, and the write is not sent", async ({ scenario }) => {
    await runningSet(scenario, "web");
    const before = await scenario.read(kinds.statefulSet, "web");
    const result = await scenario.sts(["set", "image", "web", "nginx=nginx:1.30"]);
    expect([1, 2]).toContain(result.code);
    expectRefusal(result, result.code ?? 0, /"?nginx"?.*main|main/);
    expect(await scenario.read(kinds.statefulSet, "web")).toEqual(before);
  });

  it("a partition above the replicas is legal: a warning, exit 0", async ({ scenario }) => {
    await runningSet(scenario, "web");
    const staged = await scenario.sts(["rollout", "stage", "web", "--partition=7"]);
    expect(staged.code, staged.stderr).toBe(0);
    expect(staged.stderr).toContain("partition 7 is not below replicas 1: no pod will be updated");
    const partition = (await scenario.read(kinds.statefulSet, "web"))?.spec.updateStrategy?.rollingUpdate
      ?.partition;
    expect(partition).toBe(7);
    const created = await scenario.sts([
      "create",
      "db",
      "--image=nginx",
      "--partition=5",
      "--dry-run=server",
    ]);
    expect(created.code, created.stderr).toBe(0);
  });
});
