export { down, status, up, type Host } from "./background.js";
export { locateLog, reach, remoteFaults } from "./control.js";
export { followLog, lastLines } from "./read-log.js";
export { runWith } from "./run-with.js";
export { serve } from "./serve.js";
export { sandboxNames, stateDir } from "./state.js";
