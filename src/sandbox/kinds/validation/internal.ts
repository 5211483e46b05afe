import { fieldsOf, fieldInfo, isObject, typeInfo } from "../schema.js";
import type { Json, TypeInfo } from "../schema.js";

/**
 * A struct as the JSON of the API server's internal type, which some of its texts show: field names in capitals,
 * absent pointers, lists and maps as null, other absent values as zero. Names that Go spells otherwise are in `spelled`.
 */
export function internalJson(struct: string, value: Json): Json {
  const entries = Object.entries(fieldsOf(struct)).map(([name, row]) => [
    goName(name),
    internal(fieldInfo(row), value[name]),
  ]);
  return Object.fromEntries(entries);
}

const spelled: Record<string, string> = {
  dnsPolicy: "DNSPolicy",
  dnsConfig: "DNSConfig",
  httpGet: "HTTPGet",
  httpHeaders: "HTTPHeaders",
  tcpSocket: "TCPSocket",
  grpc: "GRPC",
  tty: "TTY",
  os: "OS",
  ip: "IP",
  apiVersion: "APIVersion",
  fsType: "FSType",
  fsGroup: "FSGroup",
  fsGroupChangePolicy: "FSGroupChangePolicy",
  nfs: "NFS",
  iscsi: "ISCSI",
  rbd: "RBD",
  fc: "FC",
  csi: "CSI",
  cephfs: "CephFS",
  storageos: "StorageOS",
  gcePersistentDisk: "GCEPersistentDisk",
  awsElasticBlockStore: "AWSElasticBlockStore",
  seLinuxOptions: "SELinuxOptions",
  serviceAccount: "DeprecatedServiceAccount",
};

function goName(name: string): string {
  return spelled[name] ?? name.charAt(0).toUpperCase() + name.slice(1);
}

function internal(type: TypeInfo, value: unknown): unknown {
  if (type.shape === "struct" && type.name !== "LabelSelector" && (isObject(value) || !type.pointer))
    return internalJson(type.name, isObject(value) ? value : {});
  if (type.shape === "list" && Array.isArray(value))
    return value.map((item) => internal(typeInfo(type.element), item));
  if (value !== undefined && value !== null) return value;
  if (type.pointer) return null;
  return { string: "", int: 0, bool: false }[type.shape as string] ?? null;
}
