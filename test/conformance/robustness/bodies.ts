import type { Request, Row } from "./row.js";

const json = { "Content-Type": "application/json" };
const yaml = "YAML is read by another parser, with words of its own";
const protobuf = "protobuf that is none is refused as an unknown format";

/** Bodies of a POST to a collection of ConfigMaps. */
export function bodies(maps: string): Row[] {
  const map = (data: string) =>
    `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":${data}}`;
  const create = (body: string, type?: string): Request => ({
    method: "POST",
    path: `${maps}?dryRun=All`,
    body,
    headers: type === undefined ? json : { "Content-Type": type },
  });
  const deep = (open: string, close: string, levels: number) => open.repeat(levels) + close.repeat(levels);
  return [
    ["an empty body", create("")],
    ["a body of spaces", create("   ")],
    ["a body that is null", create("null")],
    ["a body that is a number", create("5")],
    ["a body that is a list", create("[]")],
    ["a body that is text", create('"a"')],
    ["a body that is true", create("true")],
    ["json that is cut off", create('{"apiVersion":"v1","kind":"ConfigMap"')],
    ["json that is cut off in a string", create('{"apiVersion":"v1","ki')],
    ["json with something behind it", create(`${map("{}")} x`)],
    ["json with a comma too many", create('{"apiVersion":"v1",}')],
    ["json in single quotes", create("{'apiVersion':'v1'}")],
    ["json without quotes", create("{apiVersion:v1}")],
    ["json with a control character", create(map('{"a":"\u0001"}'))],
    ["json with a bad escape", create(map('{"a":"\\x"}'))],
    ["json with half a surrogate", create(map('{"a":"\\ud800"}'))],
    ["json with a byte order mark", create(`\ufeff${map("{}")}`)],
    ["a number beyond all", create(map('{"a":1e999}'))],
    ["a number of a thousand digits", create(map(`{"a":${"9".repeat(1000)}}`))],
    ["lists in lists, 20,000 deep", create(map(deep("[", "]", 20_000)))],
    ["lists in lists, 100,000 deep", create(map(deep("[", "]", 100_000)))],
    ["objects in objects, 100,000 deep", create(map(`${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`))],
    ["lists that never end, 100,000 deep", create(map("[".repeat(100_000)))],
    ["one key twice", create(map('{"a":"1","a":"2"}'))],
    ["a key of a prototype", create(map('{"__proto__":"x","constructor":"y"}'))],
    [
      "a prototype at the top",
      create('{"__proto__":{"kind":"Pod"},"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}'),
    ],
    ["no kind", create('{"metadata":{"name":"a"}}')],
    ["a form", create("a=b", "application/x-www-form-urlencoded")],
    ["xml", create("<a/>", "text/xml")],
    ["an unknown type", create("{}", "a/b")],
    ["a type that is none", create("{}", "json")],
    ["a type of nothing", create("{}", ";")],
    ["json as yaml", create(map("{}"), "application/yaml")],
    ["bad yaml", create("a: [", "application/yaml"), yaml],
    ["yaml with tabs", create("a:\n\t- b", "application/yaml"), yaml],
    ["yaml that is text", create("hello", "application/yaml")],
    ["no protobuf", create("hello", "application/vnd.kubernetes.protobuf"), protobuf],
    ["empty protobuf", create("", "application/vnd.kubernetes.protobuf"), protobuf],
    ["protobuf of nothing", create("k8s\u0000", "application/vnd.kubernetes.protobuf"), protobuf],
    [
      "protobuf that is cut off",
      create("k8s\u0000\n\u0010", "application/vnd.kubernetes.protobuf"),
      protobuf,
    ],
    ["no cbor", create("hello", "application/cbor")],
    ["json with a charset", create(map("{}"), "application/json; charset=utf-8")],
    ["a body of 4 MB", create(map(`{"a":"${"x".repeat(4 * 1024 * 1024)}"}`))],
  ];
}
