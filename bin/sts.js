#!/usr/bin/env node
// CommonJS (package.json beside it): Node starts it without its loader of ES modules, which costs 5 ms.
const { start } = require("../dist/cli.cjs");

void start(process).then((code) => {
  process.exitCode = code;
});
