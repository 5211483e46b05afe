// client-node's KubeConfig imports at load time the generated API classes, undici, OIDC, cloud
// authentication and proxies. A cluster command needs none of them.
export const lazyClientNode = { name: "lazy-client-node", setup() {} };
