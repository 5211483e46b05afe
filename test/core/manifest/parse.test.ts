import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../../src/core/errors.js";
import {
  checkRequests,
  parseAmounts,
  parseEnv,
  parseImages,
  parsePorts,
  parseProbe,
  parseSourceRef,
} from "../../../src/core/manifest/parse-container.js";
import {
  checkMountPaths,
  parseAntiAffinity,
  parseMounts,
  parseSpread,
  parseStorage,
} from "../../../src/core/manifest/parse-pod.js";
import {
  parseBudget,
  parseLabels,
  parseMaxUnavailable,
  parseRetention,
} from "../../../src/core/manifest/parse-set.js";

describe("images", () => {
  it.each([
    [["nginx"], [{ name: "nginx", image: "nginx" }]],
    [
      ["registry.k8s.io:5000/a/nginx-slim:0.8"],
      [{ name: "nginx-slim", image: "registry.k8s.io:5000/a/nginx-slim:0.8" }],
    ],
    [
      [`Reg.io/x/my_app@sha256:${"a".repeat(64)}`],
      [{ name: "my-app", image: `Reg.io/x/my_app@sha256:${"a".repeat(64)}` }],
    ],
    [
      ["main=nginx:1", "side=busybox"],
      [
        { name: "main", image: "nginx:1" },
        { name: "side", image: "busybox" },
      ],
    ],
  ])("%j", (values, images) => expect(parseImages(values)).toEqual(images));

  it.each([
    [[]],
    [[""]],
    [["NGINX"]],
    [["nginx:"]],
    [["a b"]],
    [["=nginx"]],
    [["A=nginx"]],
    [["nginx", "nginx:2"]],
  ])("refuses %j", (values) => expect(() => parseImages(values)).toThrow(UsageError));
});

describe("ports", () => {
  it("reads names and protocols, and names what has none", () => {
    expect(parsePorts(["80", "web:8080", "dns:53/udp", "54/UDP"])).toEqual([
      { name: "tcp-80", number: 80, protocol: "TCP" },
      { name: "web", number: 8080, protocol: "TCP" },
      { name: "dns", number: 53, protocol: "UDP" },
      { name: "udp-54", number: 54, protocol: "UDP" },
    ]);
  });
  it.each([
    "0",
    "65536",
    "x",
    "web",
    ":80",
    "web:",
    "80/http",
    "a--b:80",
    "Web:80",
    "sixteen-letters-x:80",
    "80:web",
  ])("refuses %j", (value) => expect(() => parsePorts([value])).toThrow(/^--port: /));
  it.each([[["80", "80"]], [["a:80", "b:80"]], [["a:80", "a:81"]]])("refuses %j together", (values) =>
    expect(() => parsePorts(values)).toThrow("there twice"),
  );
});

describe("environment and resources", () => {
  it("keeps the value as it is", () => {
    expect(parseEnv(["A=b=c,d", "E=", "x.y-z= "])).toEqual([
      { name: "A", value: "b=c,d" },
      { name: "E", value: "" },
      { name: "x.y-z", value: " " },
    ]);
    expect(() => parseEnv(["A"])).toThrow('--env: "A" is not NAME=VALUE');
    expect(() => parseEnv(["=x"])).toThrow(UsageError);
    expect(() => parseEnv(["A=1", "A=2"])).toThrow("there twice");
  });
  it("reads sources", () => {
    expect(parseSourceRef("env-from", "secret/db.x")).toEqual({ kind: "secret", name: "db.x" });
    for (const wrong of ["db", "pod/x", "secret/", "secret/_"]) {
      expect(() => parseSourceRef("env-from", wrong)).toThrow(UsageError);
    }
  });
  it("reads amounts and holds requests against limits", () => {
    const limits = parseAmounts("limits", ["cpu=1", "memory=1Gi"]);
    expect([...limits]).toEqual([
      ["cpu", "1"],
      ["memory", "1Gi"],
    ]);
    expect(() => checkRequests(parseAmounts("requests", ["cpu=1001m"]), limits)).toThrow(
      "more than its limit 1",
    );
    expect(() => checkRequests(parseAmounts("requests", ["cpu=1000m,memory=1Gi"]), limits)).not.toThrow();
    for (const wrong of ["cpu", "cpu=", "cpu=x", "cpu=-1", "cpu=1,cpu=2", "=1", "c pu=1"]) {
      expect(() => parseAmounts("requests", [wrong])).toThrow(/^--requests: /);
    }
  });
});

describe("probes", () => {
  const ports = parsePorts(["web:80"]);
  it.each([
    ["http:80/healthz?x=1", { type: "http", port: 80, path: "/healthz?x=1" }],
    ["http:web", { type: "http", port: "web", path: "/" }],
    ["tcp:web", { type: "tcp", port: "web" }],
    [
      "exec:pg_isready -U 'a b' && true",
      { type: "exec", command: ["sh", "-c", "pg_isready -U 'a b' && true"] },
    ],
  ])("%s", (text, probe) => expect(parseProbe("readiness", text, ports)).toEqual(probe));
  it.each(["http", "http:", "http:0", "http:other/x", "tcp:70000", "exec:", "exec: ", "grpc:80", ""])(
    "refuses %j",
    (text) => expect(() => parseProbe("readiness", text, ports)).toThrow(/^--readiness: /),
  );
});

describe("storage and mounts", () => {
  it("reads all of it", () => {
    expect(
      parseStorage(["www=1Gi:/data", "logs=500Mi:/var/log,class=fast,mode=rwop", "x=1:/x,class="]),
    ).toEqual([
      { name: "www", size: "1Gi", mountPath: "/data", storageClass: undefined, accessMode: "ReadWriteOnce" },
      {
        name: "logs",
        size: "500Mi",
        mountPath: "/var/log",
        storageClass: "fast",
        accessMode: "ReadWriteOncePod",
      },
      { name: "x", size: "1", mountPath: "/x", storageClass: "", accessMode: "ReadWriteOnce" },
    ]);
  });
  it.each([
    "www",
    "www=1Gi",
    "www=1GB:/x",
    "www=0:/x",
    "www=-1Gi:/x",
    "www=1Gi:x",
    "www=1Gi:/a:/b",
    "WWW=1Gi:/x",
    "=1Gi:/x",
    "www=1Gi:/x,mode=RW",
    "www=1Gi:/x,size=2",
    "www=1Gi:/x,class",
    "www=1Gi:/x,class=_",
  ])("refuses --storage %j", (value) => expect(() => parseStorage([value])).toThrow(/^--storage: /));
  it("refuses a name or a place twice", () => {
    expect(() => parseStorage(["a=1:/x", "a=1:/y"])).toThrow("there twice");
    expect(() => checkMountPaths(parseStorage(["a=1:/x"]), parseMounts(["emptydir:/x/"]))).toThrow(
      "mount path",
    );
  });
  it("reads mounts", () => {
    expect(parseMounts(["configmap/c:/etc/c", "secret/s:/s", "emptydir:/tmp"])).toEqual([
      { source: { kind: "configmap", name: "c" }, mountPath: "/etc/c" },
      { source: { kind: "secret", name: "s" }, mountPath: "/s" },
      { source: { kind: "emptydir" }, mountPath: "/tmp" },
    ]);
    for (const wrong of ["/tmp", "emptydir", "emptydir:tmp", "hostpath:/x", "configmap:/x"]) {
      expect(() => parseMounts([wrong])).toThrow(/^--mount: /);
    }
  });
});

describe("placement and policies", () => {
  it("reads them", () => {
    expect(parseAntiAffinity("required")).toEqual({ required: true, topologyKey: "kubernetes.io/hostname" });
    expect(parseAntiAffinity("preferred:topology.kubernetes.io/zone")).toEqual({
      required: false,
      topologyKey: "topology.kubernetes.io/zone",
    });
    expect(parseSpread(["zone"])).toEqual(["zone"]);
    expect(parseRetention(["scaled=Delete"])).toEqual({ whenScaled: "Delete", whenDeleted: undefined });
    expect(parseRetention([])).toBeUndefined();
    expect(parseMaxUnavailable("50%")).toBe("50%");
    expect(parseBudget("min-available=2")).toEqual({ field: "minAvailable", value: 2 });
    expect(parseLabels("labels", ["a=b,c=d", "example.com/e="])).toEqual({
      a: "b",
      c: "d",
      "example.com/e": "",
    });
  });
  it.each([
    () => parseAntiAffinity("hard"),
    () => parseAntiAffinity("required:"),
    () => parseSpread(["a", "a"]),
    () => parseRetention(["scaled=delete"]),
    () => parseRetention(["whenScaled=Delete"]),
    () => parseMaxUnavailable("0"),
    () => parseMaxUnavailable("101%"),
    () => parseMaxUnavailable("-1"),
    () => parseBudget("1"),
    () => parseBudget("max-unavailable=x"),
    () => parseLabels("labels", ["a"]),
    () => parseLabels("labels", ["a=b c"]),
    () => parseLabels("labels", ["-a=b"]),
  ])("refuses %s", (parse) => expect(parse).toThrow(UsageError));
});

describe("whatever is typed", () => {
  const parsers: ((text: string) => unknown)[] = [
    (text) => parseImages([text]),
    (text) => parsePorts([text]),
    (text) => parseEnv([text]),
    (text) => parseStorage([text]),
    (text) => parseMounts([text]),
    (text) => parseProbe("readiness", text, []),
    (text) => parseAmounts("limits", [text]),
    (text) => parseRetention([text]),
    (text) => parseBudget(text),
    (text) => parseAntiAffinity(text),
    (text) => parseLabels("labels", [text]),
  ];
  it("ends in a value or in a UsageError", () => {
    const words = fc.constantFrom(
      "a",
      "=",
      ":",
      "/",
      ",",
      "1Gi",
      "80",
      "http",
      "class",
      " ",
      "-",
      "%",
      "é",
      "configmap",
    );
    const text = fc.array(words, { maxLength: 10 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, fc.constantFrom(...parsers), (value, parse) => {
        try {
          parse(value);
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
        }
      }),
      { numRuns: 3000 },
    );
  });
});
