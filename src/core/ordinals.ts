/** Words for a run of pods of one set: `web-3`, `web-3 and web-4`, `web-3 to web-7`; nothing for none. */
export function namePods(set: string, first: number, last: number): string {
  if (last < first) return "";
  if (last === first) return `${set}-${first}`;
  return `${set}-${first} ${last === first + 1 ? "and" : "to"} ${set}-${last}`;
}
