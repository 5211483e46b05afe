import { describe, expect, test } from "vitest";
import { resolve } from "./support.js";

describe("proxies of the environment", () => {
  const server = (url: string, env: Record<string, string>): string | undefined =>
    resolve({ server: url }, { env }).proxy;

  test.each([
    ["https://k.example", { HTTPS_PROXY: "http://p:1" }, "http://p:1"],
    ["https://k.example", { https_proxy: "p:1" }, "http://p:1"],
    ["https://k.example", { HTTP_PROXY: "http://p:1", ALL_PROXY: "http://q" }, undefined],
    ["http://k.example", { HTTP_PROXY: "http://p:1" }, "http://p:1"],
    ["https://127.0.0.1:6443", { HTTPS_PROXY: "http://p:1" }, undefined],
    ["https://localhost:6443", { HTTPS_PROXY: "http://p:1" }, undefined],
    ["https://[::1]:6443", { HTTPS_PROXY: "http://p:1" }, undefined],
  ])("%s with %j", (url, env, expected) => {
    expect(server(url, env)).toBe(expected);
  });

  test.each([
    ["*", true],
    ["k.example", true],
    ["example", true],
    [".example", true],
    ["other, K.Example", true],
    ["k.example:443", true],
    ["k.example:6443", false],
    [".k.example", false],
    ["ample", false],
    ["10.0.0.0/8", false],
  ])("NO_PROXY=%s for k.example", (list, exempt) => {
    const env = { HTTPS_PROXY: "http://p:1", NO_PROXY: list };
    expect(server("https://k.example", env)).toBe(exempt ? undefined : "http://p:1");
  });

  test.each([
    ["https://10.1.2.3", "10.0.0.0/8", true],
    ["https://11.1.2.3", "10.0.0.0/8", false],
    ["https://10.1.2.3", "10.1.2.3", true],
    ["https://[fd00::12]", "fd00::/16", true],
    ["https://[fe00::12]", "fd00::/16", false],
    ["https://[fd00::12]", "fd00::12", true],
    ["https://[fd00::12]:6443", "10.0.0.0/8", false],
  ])("%s with NO_PROXY=%s", (url, list, exempt) => {
    expect(server(url, { HTTPS_PROXY: "http://p:1", NO_PROXY: list })).toBe(
      exempt ? undefined : "http://p:1",
    );
  });
});
