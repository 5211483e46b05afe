import manifest from "../package.json" with { type: "json" };

/** The version of `sts`, from package.json. */
export const { version } = manifest;
