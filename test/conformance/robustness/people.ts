import type { Request, Row } from "./row.js";

const protobuf = "protobuf is not spoken, and so not offered";

/** Who asks, and for what they would like to have. */
export function people(maps: string): Row[] {
  const ask = (title: string, headers: Record<string, string>, path = maps): [string, Request] => [
    title,
    { path, headers },
  ];
  return [
    ask("a bad token", { Authorization: "Bearer nothing" }),
    ask("no token", { Authorization: "" }),
    ask("no token, for the version", { Authorization: "" }, "/version"),
    ask("no token, for nothing", { Authorization: "" }, "/nothing"),
    ask("an empty token", { Authorization: "Bearer " }),
    ask("a token in three parts", { Authorization: "Bearer a b" }),
    ask("basic authentication", { Authorization: "Basic YTpi" }),
    ask("an unknown scheme", { Authorization: "Digest x" }),
    ask("somebody else", { "Impersonate-User": "jane" }),
    ask("a group without a user", { "Impersonate-Group": "dogs" }),
    ask("an extra without a user", { "Impersonate-Extra-a": "b" }),
    ask("a uid without a user", { "Impersonate-Uid": "b" }),
    ask("nobody", { "Impersonate-User": "" }),
    ask("the anonymous", { "Impersonate-User": "system:anonymous" }),
    ask("a service account", { "Impersonate-User": "system:serviceaccount:x:y" }),
    ask("an account of a group of its own", {
      "Impersonate-User": "system:serviceaccount:x:y",
      "Impersonate-Group": "a",
    }),
    [...ask("xml wanted", { Accept: "text/xml" }), protobuf],
    ask("nothing wanted", { Accept: "" }),
    [...ask("a type wanted that is none", { Accept: "json" }), protobuf],
    [
      ...ask("a table of another version", { Accept: "application/json;as=Table;v=v9;g=meta.k8s.io" }),
      protobuf,
    ],
    ask("anything wanted", { Accept: "*/*" }),
  ];
}
