import type { Sink } from "../../context.js";
import { createTheme, type Theme } from "../theme.js";

/** How lines are laid out for where they go. */
export interface Look {
  theme: Theme;
  /** Cells in a line. */
  columns: number;
  /** Letters in the place of signs. */
  ascii: boolean;
}

/** What a log has room for: it is read in a window of its own. */
const logColumns = 100;

export function lookOf({ colours, columns, isTerminal, ascii = false }: Sink): Look {
  return { theme: createTheme(colours), columns: isTerminal || ascii ? columns : logColumns, ascii };
}

/** For a document: a log without colours. */
export const documentLook = (): Look => ({ theme: createTheme(false), columns: logColumns, ascii: false });
