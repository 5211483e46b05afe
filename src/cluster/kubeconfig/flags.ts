/** The connection flags that every command takes, as kubectl has them. What is left out is up to the kubeconfig. */
export interface ConnectionFlags {
  kubeconfig?: string | undefined;
  context?: string | undefined;
  cluster?: string | undefined;
  user?: string | undefined;
  namespace?: string | undefined;
  server?: string | undefined;
  tlsServerName?: string | undefined;
  insecureSkipTlsVerify?: boolean | undefined;
  clientCertificate?: string | undefined;
  clientKey?: string | undefined;
  certificateAuthority?: string | undefined;
  token?: string | undefined;
  as?: string | undefined;
  asGroup?: readonly string[] | undefined;
  asUid?: string | undefined;
  /** As written: `0`, `30` (seconds), `1m30s`. */
  requestTimeout?: string | undefined;
  /** `-v`: from 6 on every request is traced. */
  verbosity?: number | undefined;
}
