/** A field that would change and that another field manager owns. */
export interface FieldConflict {
  /** The manager's name; managers of that name may have written the field by apply or by update. */
  manager: string;
  /** As the API names the manager: `"kubectl" with subresource "scale" using apps/v1`. */
  owner: string;
  /** `.spec.template.spec.containers[name="main"].image` */
  field: string;
}

interface Cause {
  reason?: string;
  message?: string;
  field?: string;
}

/** Reads the causes of a server-side apply that was refused with 409; empty where it was refused for another reason. */
export function readConflicts(causes: readonly Cause[] = []): FieldConflict[] {
  return causes
    .filter(({ reason }) => reason === "FieldManagerConflict")
    .map(({ message = "", field = "" }) => {
      const owner = message.replace(/^conflict with /, "");
      return { manager: managerIn(owner), owner, field };
    });
}

function managerIn(owner: string): string {
  const [quoted = ""] = /^"(?:[^"\\]|\\.)*"/.exec(owner) ?? [];
  return quoted ? String(JSON.parse(quoted)) : owner;
}
