import { stringify } from "yaml";

/**
 * A value as YAML in kubectl's form: lists not indented, long lines not broken, and text in quotes wherever a parser
 * of YAML 1.1 would read it as something else (`yes`, `0x10`, `1:30`).
 */
export function toYaml(value: unknown): string {
  return stringify(value, {
    aliasDuplicateObjects: false,
    compat: "yaml-1.1",
    indentSeq: false,
    lineWidth: 0,
  });
}
