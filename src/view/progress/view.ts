import type { Board } from "../../core/progress/board.js";
import type { ProgressEvent } from "../../core/progress/events.js";

/** What the live view draws: asked for only when it draws. */
export interface Scene {
  boards(): Board[];
}

/** One way to show progress. Everything goes to the sink that it was made with. */
export interface ProgressView {
  /** Something happened. */
  show(event: ProgressEvent): void;
  /** The state changed: whoever draws it, draws again. */
  refresh(scene: Scene): void;
  /** Gives the terminal back; harmless twice. */
  close(): void;
}
