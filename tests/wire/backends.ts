import { setTimeout as sleep } from "node:timers/promises";

import { serveBackend } from "./network/http-backend";
import { serveGrpcBackend } from "./network/grpc-backend";
import type { TestCa } from "./network/test-ca";
import { apply, kube } from "./deployment";

interface Service {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly clusterIP?: string;
    readonly ports?: readonly {
      readonly name?: string;
      readonly port: number;
      readonly targetPort?: number | string;
      readonly appProtocol?: string;
    }[];
  };
}

const namespace = "production";

/**
 * Pods for every Service of the apps: a server at the Service's own address, in place of kube-proxy,
 * and the same at a pod's address, which its EndpointSlice names for those who dial pods.
 */
export class Backends {
  readonly #served = new Set<string>();
  readonly #ca: TestCa;
  readonly #otherCa: TestCa;

  /**
   * @param ca The CA of apps that speak TLS, in the Secret `backends-ca`.
   * @param otherCa One that has issued nothing, in the Secret `other-ca`.
   */
  constructor(ca: TestCa, otherCa: TestCa) {
    this.#ca = ca;
    this.#otherCa = otherCa;
  }

  /** Serves what is there, and what comes, until the end of the process. */
  async follow(): Promise<void> {
    for (const [name, { cert }] of [
      ["backends-ca", this.#ca],
      ["other-ca", this.#otherCa],
    ] as const)
      await apply(`/api/v1/namespaces/${namespace}/secrets/${name}`, {
        ...{ apiVersion: "v1", kind: "Secret", metadata: { name, namespace } },
        stringData: { "ca.crt": cert },
      });
    await this.#serve();
    void this.#keepServing();
  }

  async #keepServing(): Promise<void> {
    for (;;) {
      await sleep(500);
      await this.#serve();
    }
  }

  async #serve(): Promise<void> {
    const found = (await kube(`/api/v1/namespaces/${namespace}/services`)) as
      { readonly items: readonly Service[] } | undefined;
    for (const { metadata, spec } of found?.items ?? []) {
      const { name } = metadata;
      const { clusterIP = "None", ports = [] } = spec;
      if (clusterIP === "None" || this.#served.has(name)) continue;
      this.#served.add(name);
      const pod = `10.42.200.${this.#served.size}`;
      for (const { port, targetPort = port, appProtocol } of ports) {
        const certificate =
          appProtocol === "https" ? await this.#ca.issue([`${name}.${namespace}.svc`]) : undefined;
        const serve = (address: string, at: number) =>
          appProtocol === "kubernetes.io/h2c"
            ? serveGrpcBackend(address, at)
            : serveBackend(name, address, at, certificate);
        await serve(clusterIP, port);
        await serve(pod, portOfPod(port, targetPort));
      }
      await apply(`/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices/${name}`, {
        apiVersion: "discovery.k8s.io/v1",
        kind: "EndpointSlice",
        metadata: { name, namespace, labels: { "kubernetes.io/service-name": name } },
        addressType: "IPv4",
        endpoints: [{ addresses: [pod], conditions: { ready: true } }],
        ports: ports.map(({ name: of = "", port, targetPort = port }) => ({
          name: of,
          port: portOfPod(port, targetPort),
          protocol: "TCP",
        })),
      });
    }
  }
}

/** The port of the pod. A named target port belongs to a container, which does not run here: then the Service's port. */
const portOfPod = (port: number, target: number | string): number =>
  typeof target === "number" ? target : port;
