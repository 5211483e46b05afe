/** By this name a cluster's extension says that it is a sandbox, and where its control is. */
export const sandboxExtension = "sts-sandbox";

export interface KubeconfigParts {
  name: string;
  server: string;
  /** Where faults are put on (api/control.ts). */
  control: string;
  caPem: string;
  token: string;
}

/** A kubeconfig for one cluster with one user, as kubectl reads it. */
export function kubeconfigOf({ name, server, control, caPem, token }: KubeconfigParts): string {
  const ca = Buffer.from(caPem).toString("base64");
  return `apiVersion: v1
kind: Config
current-context: ${name}
clusters:
  - name: ${name}
    cluster:
      server: ${server}
      certificate-authority-data: ${ca}
      extensions:
        - name: ${sandboxExtension}
          extension:
            control: ${control}
contexts:
  - name: ${name}
    context:
      cluster: ${name}
      user: ${name}
users:
  - name: ${name}
    user:
      token: ${token}
`;
}
