/** A service and a set, as people write them. */
export function good(name: string, replicas: number, image: string, more = ""): string {
  return `apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec:
  clusterIP: None
  selector: {app: ${name}}
  ports: [{port: 80, name: http}]
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: ${name}
  labels: {app: ${name}}
spec:
  serviceName: ${name}
  replicas: ${replicas}
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec:
      terminationGracePeriodSeconds: 5
      containers:
      - name: nginx
        image: ${image}
        ports: [{containerPort: 80, name: http}]
        ${more}
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
`;
}

const map = (rest: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n${rest}`;
const set = (from: string, to: string): string => {
  const [, manifest = ""] = good("x", 0, "nginx").split("---\n");
  return manifest.replace(from, to);
};

/** Manifests with something wrong, by what it is. */
export const bad: Readonly<Record<string, string>> = {
  "an unknown field": map("dta: {}"),
  "unknown fields in several places": set("replicas: 0", "replicass: 1\n  zoo: {}").replace(
    "image:",
    "imagee:",
  ),
  "a duplicate field": `${map("data: {a: b}")}\ndata: {a: c}\n`,
  "a wrong type": set("replicas: 0", "replicas: three"),
  "a number for text": map("data: {a: 1}"),
  "an unknown kind": "apiVersion: v1\nkind: Conf\nmetadata: {name: x}\n",
  "an unknown version": "apiVersion: apps/v9\nkind: StatefulSet\nmetadata: {name: x}\n",
  "no kind": "apiVersion: v1\nmetadata: {name: x}\n",
  "no name": "apiVersion: v1\nkind: ConfigMap\n",
  "what is invalid": set("image: nginx", "image: ''"),
  "nothing wrong": map("data: {a: b}"),
};

interface KubectlStep {
  args: string[];
  manifest?: string;
}

const onServer = ["apply", "--server-side", "-f", "-"];
const plain = ["apply", "-f", "-"];

/** kubectl as the manager of fields, with another one beside it. */
export const managed: KubectlStep[] = [
  { args: plain, manifest: good("m", 0, "nginx") },
  { args: onServer, manifest: good("m", 0, "nginx") },
  { args: ["diff", "--server-side", "-f", "-"], manifest: good("m", 0, "nginx:2") },
  { args: onServer, manifest: good("m", 0, "nginx:2") },
  { args: [...onServer, "--field-manager=other"], manifest: good("m", 0, "nginx:3") },
  { args: ["diff", "--server-side", "--field-manager=other", "-f", "-"], manifest: good("m", 0, "nginx:3") },
  { args: [...onServer, "--field-manager=other", "--force-conflicts"], manifest: good("m", 0, "nginx:3") },
  { args: onServer, manifest: good("m", 0, "nginx:2") },
  { args: ["scale", "sts", "m", "--replicas=0"] },
  { args: ["set", "image", "sts/m", "nginx=nginx:4"] },
  { args: onServer, manifest: good("m", 0, "nginx:2") },
  { args: [...onServer, "--dry-run=server", "--force-conflicts"], manifest: good("m", 0, "nginx:2") },
  { args: plain, manifest: good("m", 0, "nginx:4") },
  { args: ["get", "sts", "m", "-o", "jsonpath={.spec.template.spec.containers[0].image}"] },
  { args: ["apply", "view-last-applied", "sts/m"] },
  { args: [...onServer, "--validate=strict"], manifest: good("m", 0, "nginx:4", "imagee: x") },
];
