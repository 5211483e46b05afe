export { down, status, up, type Host, type Running, type SandboxStatus } from "./background.js";
export { runWith, type RunHost } from "./run-with.js";
export { serve, type ServeOptions } from "./serve.js";
export { logPath, sandboxNames, stateDir } from "./state.js";
