import { describe, expect, it } from "vitest";
import { imagesPatch, parseImages } from "../../../src/core/rollout/images.js";
import type { StatefulSet } from "../../../src/core/model.js";

const set = {
  metadata: { name: "web" },
  spec: {
    template: {
      spec: {
        containers: [
          { name: "nginx", image: "nginx:1" },
          { name: "log", image: "fluent:1" },
        ],
        initContainers: [{ name: "init", image: "busybox" }],
      },
    },
  },
} as unknown as StatefulSet;

describe("imagesPatch", () => {
  it.each([
    [["nginx=nginx:2"], { containers: [{ name: "nginx", image: "nginx:2" }] }],
    [["nginx=nginx:1", "log=fluent:2"], { containers: [{ name: "log", image: "fluent:2" }] }],
    [
      ["*=same:1"],
      {
        containers: [
          { name: "nginx", image: "same:1" },
          { name: "log", image: "same:1" },
        ],
      },
    ],
    [["init=busybox:2"], { initContainers: [{ name: "init", image: "busybox:2" }] }],
  ])("%j", (words, spec) => {
    expect(imagesPatch(set, parseImages(words))).toEqual({ spec });
  });

  it("is nothing when the images are these already", () => {
    expect(imagesPatch(set, parseImages(["nginx=nginx:1"]))).toBeUndefined();
  });

  it("names the containers there are when one is unknown", () => {
    expect(() => imagesPatch(set, parseImages(["ngin=nginx:2"]))).toThrow(
      'unable to find container named "ngin" in web; it has nginx, log, init',
    );
  });
});

describe("parseImages refuses", () => {
  it.each([[[]], [["nginx"]], [["=x"]], [["nginx="]], [["a=b c"]], [["a=1", "a=2"]]])("%j", (words) => {
    expect(() => parseImages(words)).toThrow();
  });

  it("but takes an image with = in its digest", () => {
    expect(parseImages(["a=repo@sha256:0=1"]).get("a")).toBe("repo@sha256:0=1");
  });
});
