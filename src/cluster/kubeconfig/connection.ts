/** An exec plugin, as `users[].user.exec` has it. A relative command path is already resolved. */
export interface ExecPlugin {
  apiVersion: string;
  command: string;
  args: string[];
  env: { name: string; value: string }[];
  provideClusterInfo: boolean;
  interactiveMode: "Never" | "IfAvailable" | "Always";
  installHint?: string;
}

export interface AuthProvider {
  name: string;
  config: Record<string, string>;
}

/** How a user proves who they are. Several may be set; a token wins over a plugin, as in client-go. */
export interface Credentials {
  /** PEM of the client certificate and of its key. */
  certificate?: Buffer;
  key?: Buffer;
  token?: string;
  /** Wins over `token`, which stands in while it cannot be read; read again when it changes. */
  tokenFile?: string;
  basic?: { username: string; password: string };
  exec?: ExecPlugin;
  authProvider?: AuthProvider;
}

export interface Impersonation {
  user: string;
  uid?: string;
  groups: string[];
  extra: Record<string, string[]>;
}

/** Everything needed to talk to one API server in one namespace: what kubeconfig and flags come to. */
export interface Connection {
  /** The API server's URL, without a slash at its end. */
  server: string;
  namespace: string;
  /** Name of the context it came from, when there is one. */
  context?: string;
  /** Server name for SNI and for checking its certificate, instead of the URL's host. */
  tlsServerName?: string;
  insecureSkipTlsVerify: boolean;
  /** PEM; left out, the system's authorities are trusted. */
  certificateAuthority?: Buffer;
  /** Empty over plain `http://`, which carries no secrets. */
  credentials: Credentials;
  impersonate?: Impersonation;
  /** From `proxy-url`, else from HTTPS_PROXY, HTTP_PROXY and NO_PROXY. */
  proxy?: string;
  /** Milliseconds; 0 for none. */
  requestTimeout: number;
  disableCompression: boolean;
  /** The `client.authentication.k8s.io/exec` extension of the cluster, for exec plugins that ask for cluster info. */
  execConfig?: unknown;
}

/** The outside world that a kubeconfig is read from. */
export interface ConnectionIo {
  env: Readonly<Record<string, string | undefined>>;
  home: string;
  cwd: string;
  /** Throws as `fs.readFileSync` does; `code` ENOENT tells that there is no such file. */
  readFile(path: string): Buffer;
}
