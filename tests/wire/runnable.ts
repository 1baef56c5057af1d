import * as fs from "node:fs";
import * as path from "node:path";

import { stringify } from "yaml";

import { controllers } from "../../components/ingress/controllers";
import type { Probe } from "./network/node-port";
import { healthRouter, parseNginxValues, nginxFlags } from "./network/nginx-flags";
import { traefikFlags, traefikNodePorts, traefikProbe } from "./network/traefik-flags";
import { traefikObjects } from "./network/traefik-objects";
import { kube } from "./deployment";

/** How a release of a controller is run, out of the values that the program gave it. */
export interface Runnable {
  readonly namespace: string;
  /** The ServiceAccount as which it runs. Default: the administrator. */
  readonly serviceAccountName?: string;
  /** Last number of the addresses of its first pods. */
  readonly firstPod: number;
  /** The chart's objects that the controller reads, by API path. */
  readonly objects: (values: unknown) => Readonly<Record<string, object>>;
  readonly nodePorts: (values: unknown) => Readonly<Record<number, number>>;
  readonly probe: (values: unknown) => Probe;
  /** Puts in place what its files are to hold. */
  readonly prepare: (values: unknown) => Promise<void>;
  readonly flags: (values: unknown, pod: string) => readonly string[];
}

const { podSelector, serviceAccountName } = controllers.traefik.installation.identity;
const { namespace: traefikNamespace } = podSelector;

export const traefik: Runnable = {
  namespace: traefikNamespace,
  serviceAccountName,
  firstPod: 10,
  objects: (values) => traefikObjects(values, traefikNamespace),
  nodePorts: traefikNodePorts,
  probe: traefikProbe,
  prepare: () => Promise.resolve(),
  flags: traefikFlags,
};

/** @param folder where its default certificate goes. */
export function nginx(folder: string): Runnable {
  /** The node port of its Service beside the chart, to the port of the pod. */
  let health: Readonly<Record<number, number>> = {};
  return {
    namespace: controllers.nginx.installation.identity.podSelector.namespace,
    firstPod: 100,
    objects: (values) => {
      const { name, default: isDefault } = parseNginxValues(values).ingressClass;
      const annotations = { "ingressclass.kubernetes.io/is-default-class": String(isDefault) };
      return {
        [`/apis/networking.k8s.io/v1/ingressclasses/${name}`]: {
          apiVersion: "networking.k8s.io/v1",
          kind: "IngressClass",
          metadata: { name, annotations },
          spec: { controller: "k8s.io/ingress-nginx" },
        },
      };
    },
    nodePorts: (values) => ({ ...parseNginxValues(values).nodePorts, ...health }),
    probe: (values) => parseNginxValues(values).probe,
    prepare: async (values) => {
      const { spec } = (await kube(
        `/api/v1/namespaces/${controllers.nginx.installation.identity.podSelector.namespace}/services/ingress-nginx-health`,
      )) as { spec: { ports: readonly { nodePort: number; targetPort: number }[] } };
      health = Object.fromEntries(spec.ports.map(({ nodePort, targetPort }) => [nodePort, targetPort]));
      const [namespace = "", name = ""] = parseNginxValues(values).defaultCertificate.split("/");
      const { data } = (await kube(`/api/v1/namespaces/${namespace}/secrets/${name}`)) as {
        data: Readonly<Record<string, string>>;
      };
      fs.mkdirSync(folder, { recursive: true });
      const file = (key: string, mode: number): string => {
        const at = path.join(folder, key);
        fs.writeFileSync(at, Buffer.from(data[key] ?? "", "base64"), { mode });
        return at;
      };
      const defaultCertificate = { certFile: file("tls.crt", 0o644), keyFile: file("tls.key", 0o600) };
      fs.writeFileSync(
        path.join(folder, "default.yaml"),
        stringify({ http: healthRouter, tls: { stores: { default: { defaultCertificate } } } }),
      );
    },
    flags: (values, pod) => nginxFlags(values, pod, folder),
  };
}
