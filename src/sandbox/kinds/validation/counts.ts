import { percentage } from "./names.js";
import { type Rule } from "./rules.js";
import { must, named, notNegative } from "./values.js";

/** A number of pods that is not below zero, or a percentage of them. */
export const numberOrPercent: Rule = (value, path) =>
  (typeof value === "string" ? named(percentage) : notNegative)(value, path);

export const notAboveAll = must(
  (value) => !(/^\d+%$/.test(value) && Number.parseInt(value, 10) > 100),
  "must not be greater than 100%",
);
