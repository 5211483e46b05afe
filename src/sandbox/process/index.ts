export { down, status, up, type Host } from "./background.js";
export { runWith } from "./run-with.js";
export { serve } from "./serve.js";
export { sandboxNames, stateDir } from "./state.js";
