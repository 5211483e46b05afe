import type { Side } from "../support/side.js";

export type Request = Parameters<Side["request"]>[0];

/** A request by what is wrong with it. With a third entry, which says why, the sandbox refuses it in another way. */
export type Row = [title: string, request: Request, differs?: string];
