/** Where the parts of one control plane listen and keep their files. */
export interface Layout {
  directory: string;
  /** Ports of 127.0.0.1. */
  etcdClient: number;
  etcdPeer: number;
  api: number;
}

const local = (port: number) => `http://127.0.0.1:${port}`;

export function etcdFlags({ directory, etcdClient, etcdPeer }: Layout): string[] {
  return [
    `--data-dir=${directory}/etcd`,
    `--listen-client-urls=${local(etcdClient)}`,
    `--advertise-client-urls=${local(etcdClient)}`,
    `--listen-peer-urls=${local(etcdPeer)}`,
    `--initial-advertise-peer-urls=${local(etcdPeer)}`,
    `--initial-cluster=default=${local(etcdPeer)}`,
    "--unsafe-no-fsync",
    "--log-level=error",
  ];
}

export function apiServerFlags({ directory, etcdClient, api }: Layout): string[] {
  return [
    `--etcd-servers=${local(etcdClient)}`,
    "--bind-address=127.0.0.1",
    "--advertise-address=127.0.0.1",
    `--secure-port=${api}`,
    `--cert-dir=${directory}/certs`,
    `--token-auth-file=${directory}/tokens`,
    "--authorization-mode=RBAC",
    "--allow-privileged=true",
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${directory}/sa.key`,
    `--service-account-signing-key-file=${directory}/sa.key`,
    "--service-cluster-ip-range=10.0.0.0/24",
    "--disable-admission-plugins=ServiceAccount", // nobody makes the default service account
    "--endpoint-reconciler-type=none",
    "--kubelet-preferred-address-types=ExternalIP", // the address of what serves the simulated logs
  ];
}

const controllers = [
  "statefulset-controller",
  "garbage-collector-controller",
  "namespace-controller",
  "endpointslice-controller",
  "disruption-controller",
  "persistentvolume-binder-controller",
  "persistentvolumeclaim-protection-controller",
  "persistentvolume-protection-controller",
  "resourcequota-controller",
];

function clientFlags(kubeconfig: string): string[] {
  const limits = ["--kube-api-qps=200", "--kube-api-burst=400"];
  return [`--kubeconfig=${kubeconfig}`, "--leader-elect=false", "--secure-port=0", ...limits];
}

export function controllerManagerFlags(kubeconfig: string): string[] {
  return [
    ...clientFlags(kubeconfig),
    "--use-service-account-credentials=false",
    `--controllers=${controllers.join(",")}`,
    "--pvclaimbinder-sync-period=2s",
  ];
}

export const schedulerFlags = clientFlags;

/** As both the API server and the controller manager take them. */
export function featureGateFlags(gates: Readonly<Record<string, boolean>>): string[] {
  const list = Object.entries(gates).map(([gate, on]) => `${gate}=${on}`);
  return list.length > 0 ? [`--feature-gates=${list.join(",")}`] : [];
}
