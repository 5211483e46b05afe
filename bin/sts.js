#!/usr/bin/env node
// CommonJS (package.json beside it): Node starts it without its loader of ES modules, which costs 5 ms.
const { start } = require("../dist/cli.cjs");

// Nothing is left to wait for and yet there is no verdict: that must not look like success. Node's own code for it.
process.exitCode = 13;
void start(process).then((code) => {
  process.exitCode = code;
});
