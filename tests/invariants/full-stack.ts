import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { findController, type ControllerName } from "../../components/ingress/controllers";
import { isSupported } from "../../components/ingress/ingress-controller";
import { bundle, yamlOf } from "../components/ingress/gateway-api-bundle";
import { changed, runProgram, stackConfig, type StackConfig } from "../config";
import { chartsFolder, definitionsFile } from "../settings/generated";
import { addresses, assertInvariants, buildExpected, cloudResponses } from "./all";
import type { Resources } from "./resources";

/** Every word that all controllers have, on one host. */
const words = {
  rateLimit: { requests: 60, period: "1m" },
  cors: {
    origins: ["https://example.com", "https://*.example.com"],
    credentials: true,
    exposeHeaders: ["X-Total"],
  },
  basicAuth: { users: ["admin"] },
  forwardAuth: { app: "oauth2-proxy", path: "/oauth2/auth", responseHeaders: ["X-Auth-Request-User"] },
  headers: { response: { set: { "X-Frame-Options": "DENY" } } },
  maxBodySize: "10Mi",
  timeouts: { requestSeconds: 30 },
  allowFrom: ["203.0.113.0/24"],
  sticky: { cookie: "session" },
};

const loadBalancers = {
  pulumi: {
    "loadBalancer.services": [{ name: "ssh", listenPort: 22, destinationPort: 2222 }],
  },
  ccm: {
    "loadBalancer.managedBy": "ccm",
    "loadBalancer.privateIp": addresses.privateIpv4,
    "loadBalancer.networkId": undefined,
    "loadBalancer.labelSelector": undefined,
  },
} as const;

/** Apps of every kind, with every setting of an app except its routes. */
const apps = {
  "apps.api-gateway": {
    image: "ghcr.io/org/api:v1.0.0",
    port: 8080,
    ports: { metrics: 9090 },
    autoscaling: { min: 3, max: 10, cpuPercent: 70 },
    probes: { startup: { tcp: true }, liveness: { port: "metrics", path: "/alive" } },
    drainSeconds: 15,
    secrets: { DATABASE_URL: { secret: "database", key: "url" } },
    service: { affinity: { seconds: 600 } },
    calls: ["auth-service", "user-service", "database", "prometheus"],
    egress: [
      { host: "*.example.org", ports: [443] },
      { cidr: "203.0.113.0/24", ports: [123], protocol: "UDP" },
      { cidr: "0.0.0.0/0", ports: [25] },
      { host: "mysql.example.net", ports: [3307, 3306], opaque: true },
      { cidr: "::/0", ports: [25] },
    ],
    canary: { image: "ghcr.io/org/api:v2.0.0", weight: 10 },
    traffic: {
      timeouts: { request: "10s" },
      retry: { limit: 2 },
      circuitBreaking: { maxFailures: 3 },
      routes: [{ name: "orders", method: "POST", path: "/v1/orders", timeouts: { request: "30s" } }],
    },
    routes: [{ host: "api.example.com", paths: [{ path: "/v1" }] }],
  },
  "apps.auth-service.protocol": "grpc",
  "apps.auth-service.serviceProfile": {
    routes: [{ name: "GET /users/{id}", method: "GET", pathRegex: "/users/[^/]+", isRetryable: true }],
    retryBudget: { retryRatio: 0.1 },
  },
  "apps.user-service.meshed": false,
  "apps.user-service.calls": ["auth-service"],
  "apps.search": {
    image: "ghcr.io/org/search:v1.0.0",
    port: 9300,
    protocol: "tcp",
    service: { type: "Headless" },
    calls: ["search"],
  },
  "apps.git": {
    image: "ghcr.io/org/git:v1.0.0",
    port: 2222,
    protocol: "tcp",
    ports: { web: { port: 3000, protocol: "http" }, "metrics-api": 9100 },
    routes: [{ host: "git.example.com", port: "web" }],
  },
  "apps.turn": {
    image: "ghcr.io/org/turn:v1.0.0",
    port: 3478,
    protocol: "udp",
    ports: { tcp: { port: 3478, protocol: "tcp" } },
    service: { type: "NodePort", nodePort: 30478 },
    calls: ["turn"],
    kubernetesApi: { rules: [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get"] }] },
  },
  "apps.files": { image: "ghcr.io/org/files:v1.0.0", port: 2049, service: { type: "NodePort" } },
  "apps.broker": {
    image: "ghcr.io/org/broker:v1.0.0",
    port: 1883,
    service: { type: "LoadBalancer", loadBalancer: { name: "broker-lb", location: "fsn1" } },
  },
  "apps.database": {
    port: 5432,
    protocol: "tcp",
    service: { type: "ExternalName", externalName: "db.example.net" },
  },
  "apps.dashboard": {
    existing: true,
    namespace: "linkerd-viz",
    serviceName: "web",
    podLabels: { component: "web" },
    port: 8084,
    routes: [{ host: "mesh.example.com", basicAuth: { users: ["admin"] } }],
  },
  "apps.prometheus": {
    existing: true,
    namespace: "monitoring",
    podLabels: { "app.kubernetes.io/name": "prometheus" },
    port: 9090,
    meshed: false,
    calls: ["api-gateway"],
  },
  "apps.storage": {
    image: "ghcr.io/org/storage:v1.0.0",
    port: 9000,
    ports: { console: 9001 },
    canary: { image: "ghcr.io/org/storage:v2.0.0", weight: 10 },
  },
  "apps.storage-console": {
    existing: true,
    serviceName: "storage",
    podLabels: { app: "storage" },
    port: 9001,
    calls: ["auth-service"],
    routes: [{ host: "console.example.com" }],
  },
  "apps.oauth2-proxy": {
    image: "quay.io/oauth2-proxy/oauth2-proxy:v7.13.0",
    port: 4180,
    egress: [{ host: "accounts.google.com", ports: [443] }],
  },
  "apps.status": {
    image: "ghcr.io/org/status:v1.0.0",
    port: 8080,
    routes: [{ host: "status.example.com", basicAuth: { secret: "htpasswd" } }],
  },
  "apps.vault": {
    image: "hashicorp/vault:1.20.0",
    port: 8200,
    tls: { serverName: "vault.production.svc", caSecret: "vault-ca" },
    routes: [{ host: "vault.example.com", timeouts: { connectSeconds: 5 } }],
  },
  "apps.worker": {
    image: "ghcr.io/org/worker:v1.0.0",
    calls: ["auth-service"],
    files: { "/etc/worker/config.yaml": "queue: mail\n" },
    pod: {
      imagePullSecrets: [{ name: "registry" }],
      initContainers: [{ name: "migrate", image: "ghcr.io/org/worker:v1.0.0", args: ["migrate"] }],
      volumes: [{ name: "spool", emptyDir: {} }],
    },
    container: {
      args: ["work"],
      volumeMounts: [{ name: "spool", mountPath: "/spool" }],
      livenessProbe: { exec: { command: ["/healthy"] } },
      securityContext: { runAsUser: 1000, readOnlyRootFilesystem: true },
    },
  },
  "apps.cleanup": {
    existing: true,
    podLabels: { job: "cleanup" },
    serviceAccount: "cleanup",
    calls: ["auth-service"],
  },
  "apps.operator": {
    image: "ghcr.io/org/operator:v1.0.0",
    port: 9443,
    protocol: "tcp",
    webhooks: ["tcp"],
    calls: ["cluster"],
    kubernetesApi: {},
  },
  // A database that the operator runs: its pods call each other, and the API server.
  "apps.cluster": {
    existing: true,
    podLabels: { "cnpg.io/cluster": "main" },
    serviceName: "main-rw",
    port: 5432,
    ports: { status: { port: 8000, protocol: "tcp" } },
    meshed: false,
    calls: ["cluster"],
    kubernetesApi: {},
  },
  "apps.legacy": { existing: true, port: 7000, calls: ["admin"] },
};

const platform = {
  cilium: {
    ipam: "cluster-pool",
    pool: ["10.200.0.0/16"],
    clusterMesh: { id: 7, name: "prod" },
    clusterDefaultDeny: true,
    dropEvents: true,
    upgradeCompatibility: "1.19",
    metrics: { allow: [{ namespace: "monitoring", labels: { app: "exporter" } }] },
    metadata: { allow: [{ namespace: "monitoring", labels: { app: "node-exporter", tier: "node" } }] },
  },
  mesh: {
    cni: true,
    defaultInboundPolicy: "deny",
    trustPreviousAnchor: true,
    tracing: {
      endpoint: "collector.monitoring:4317",
      meshIdentity: { serviceAccountName: "collector", namespace: "monitoring" },
    },
  },
};

/** The prod stack with all of it, a host of external-dns, and the origin lock that the controller supports. */
export const fullStackConfig = (
  controller: ControllerName,
  managedBy: keyof typeof loadBalancers = "pulumi",
) =>
  changed(stackConfig("prod"), {
    ...loadBalancers[managedBy],
    ...platform,
    ...apps,
    ingress: { controller, gatewayApi: definitionsFile, maxHeaderSize: "64Ki" },
    originLock: {
      clientCertificate: isSupported(findController(controller).routes.originLock.clientCertificate),
      allowList: isSupported(findController(controller).routes.originLock.allowList),
    },
    "loadBalancer.reverseDns": "lb.example.com",
    externalDns: { domains: ["shop.example.com"] },
    externalDnsToken: "e".repeat(40),
    "apps.admin.routes": [
      { host: "admin.example.com", ...(controller !== "gateway" && { certificate: "own" }), ...words },
    ],
    // ingress-nginx supports no rewrite.
    ...(controller !== "nginx" && {
      "apps.api-gateway.routes": [
        { host: "api.example.com", paths: [{ path: "/v1" }, { path: "/shop", rewrite: "/" }] },
      ],
    }),
    "dns.edgeCertificates": ["*.apps"],
    "apps.web-frontend.routes": [
      { host: "example.com" },
      { host: "www.example.com" },
      ...(controller === "gateway" ? [] : [{ host: "*.apps.example.com", certificate: "own" }]),
      { host: "shop.example.com", dns: "external-dns" },
    ],
  });

/** A run of the program, whose invariants can be checked with a mutation. */
export class FullStack {
  readonly #config: StackConfig;
  #run: Awaited<ReturnType<typeof runProgram>> | undefined;

  constructor(controller: ControllerName, managedBy: keyof typeof loadBalancers = "pulumi") {
    this.#config = fullStackConfig(controller, managedBy);
  }

  async deploy(): Promise<void> {
    fs.mkdirSync(path.dirname(definitionsFile), { recursive: true });
    fs.writeFileSync(definitionsFile, yamlOf(bundle()));
    this.#run = await runProgram(this.#config, { answers: cloudResponses });
    fs.rmSync(chartsFolder, { recursive: true });
  }

  /** Checks every invariant after a change of the resources. */
  check(change: (resources: Resources) => Resources = (same) => same): void {
    assert.ok(this.#run);
    const { resources, outputs, calls, logs, result } = this.#run;
    const changedRun = { resources: change(resources), outputs, calls, logs };
    assertInvariants(changedRun, buildExpected(this.#config, result));
  }
}
