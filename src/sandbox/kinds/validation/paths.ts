import { all, type Rule } from "./rules.js";
import { must } from "./values.js";

export const noClimbing: Rule = must(
  (path: string) => !path.split("/").includes(".."),
  "must not contain '..'",
);

/** A path that stays below where it starts. */
export const pathWithin: Rule = all(
  must((path: string) => !path.startsWith("/"), "must be a relative path"),
  noClimbing,
);

/** The same of a file in a volume, where names that begin with two dots are taken. */
export const fileWithin: Rule = all(
  pathWithin,
  must((path: string) => !path.startsWith("..") || path.startsWith("../"), "must not start with '..'"),
);
