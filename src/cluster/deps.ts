/** What the gateway needs of the machine; everything about time and chance is injected. */
export interface GatewayDeps {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after so many milliseconds; rejects when `signal` aborts. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** Calls `expire` after so many milliseconds unless the returned function is called before. */
  after(milliseconds: number, expire: () => void): () => void;
  /** From 0 up to 1. */
  random(): number;
  /** As `fs.readFileSync`. */
  readFile(path: string): Buffer;
  env: Readonly<Record<string, string | undefined>>;
  /** `sts/0.1.0 (linux/x64)`. */
  userAgent: string;
  /** Standard input is a terminal, which an exec plugin may use to ask for a password. */
  interactive?: boolean | undefined;
  /** First value of `Cluster.onWarning`. */
  onWarning?: ((message: string) => void) | undefined;
  /** Told of every request and its answer (method, URL, status, milliseconds), never of headers or bodies. */
  trace?: ((line: string) => void) | undefined;
}
