import * as assert from "node:assert/strict";

import {
  buildServiceAnnotations,
  buildServiceSpec,
  type ServedArgs,
  type ServiceSettings,
} from "../../../components/app/app-kubernetes-service";
import { ccmAnnotations } from "../../../components/load-balancer/ccm-annotations";

const app: ServedArgs = { port: 8080, servicePort: 80 };
const http = { name: "http", port: 80, targetPort: 8080, protocol: "TCP", appProtocol: "http" };
const affinity = { seconds: 3600 };
const clientIp = {
  sessionAffinity: "ClientIP",
  sessionAffinityConfig: { clientIP: { timeoutSeconds: 3600 } },
};
const loadBalancer = { name: "db", location: { location: "fsn1" } } as const;

describe("the Service of an app", () => {
  const kinds: [title: string, service: ServiceSettings | undefined, spec: object][] = [
    ["has an address inside the cluster by default", undefined, { type: "ClusterIP", ports: [http] }],
    [
      "sends a client to the same pod",
      { type: "ClusterIP", affinity },
      { type: "ClusterIP", ports: [http], ...clientIp },
    ],
    [
      "has no address if it is headless",
      { type: "Headless" },
      { type: "ClusterIP", clusterIP: "None", ports: [http] },
    ],
    ["has any port of every node", { type: "NodePort" }, { type: "NodePort", ports: [http] }],
    [
      "has one port of every node",
      { type: "NodePort", nodePort: 30090, affinity },
      { type: "NodePort", ports: [{ ...http, nodePort: 30090 }], ...clientIp },
    ],
    [
      "has a load balancer of its own",
      { type: "LoadBalancer", loadBalancer, affinity },
      { type: "LoadBalancer", ports: [http], ...clientIp },
    ],
  ];
  for (const [title, service, spec] of kinds)
    it(title, () =>
      assert.deepEqual(buildServiceSpec("api", { ...app, service }), { selector: { app: "api" }, ...spec }),
    );

  it("keeps the numbers of further ports, and sets the node port of the first only", () => {
    const ports = { metrics: 9090, admin: 9091 };
    const further = [
      { name: "metrics", port: 9090, targetPort: 9090, protocol: "TCP" },
      { name: "admin", port: 9091, targetPort: 9091, protocol: "TCP" },
    ];
    assert.deepEqual(buildServiceSpec("api", { ...app, ports }).ports, [http, ...further]);
    const service = { type: "NodePort", nodePort: 30090 } as const;
    assert.deepEqual(buildServiceSpec("api", { ...app, ports, service }).ports, [
      { ...http, nodePort: 30090 },
      ...further,
    ]);
  });

  for (const [protocol, appProtocol] of [
    ["http", "http"],
    ["grpc", "kubernetes.io/h2c"],
    ["tcp", "linkerd.io/opaque"],
  ] as const)
    it(`sets appProtocol for ${protocol}`, () =>
      assert.deepEqual(buildServiceSpec("api", { ...app, protocol }).ports, [
        { ...http, name: protocol, appProtocol },
      ]));

  it("sets protocol and appProtocol of further ports, and their node ports for UDP too", () => {
    const args = {
      ...app,
      ...{ protocol: "udp" as const, port: 3478, servicePort: 3478 },
      ports: { rpc: { port: 50051, protocol: "grpc" }, ssh: { port: 22, protocol: "tcp" } },
      service: { type: "NodePort", nodePort: 30478 },
    } as const;
    assert.deepEqual(buildServiceSpec("turn", args).ports, [
      { name: "udp", port: 3478, targetPort: 3478, protocol: "UDP", nodePort: 30478 },
      { name: "rpc", port: 50051, targetPort: 50051, protocol: "TCP", appProtocol: "kubernetes.io/h2c" },
      { name: "ssh", port: 22, targetPort: 22, protocol: "TCP", appProtocol: "linkerd.io/opaque" },
    ]);
  });

  it("sets appProtocol for TLS, whatever is in it", () => {
    for (const protocol of ["http", "grpc"] as const)
      assert.deepEqual(
        buildServiceSpec("api", { ...app, protocol, tls: { insecureSkipVerify: true } }).ports,
        [{ ...http, name: protocol, appProtocol: "https" }],
      );
  });

  it("annotates a LoadBalancer for Hetzner's cloud controller manager, without waiting for its address", () =>
    assert.deepEqual(buildServiceAnnotations({ type: "LoadBalancer", loadBalancer }), {
      ...ccmAnnotations(loadBalancer),
      "pulumi.com/skipAwait": "true",
    }));

  for (const service of [undefined, ...kinds.flatMap(([, kind]) => kind ?? [])])
    if (service?.type !== "LoadBalancer")
      it(`has no annotations: ${JSON.stringify(service ?? "default")}`, () =>
        assert.deepEqual(buildServiceAnnotations(service), {}));
});
