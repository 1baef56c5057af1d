import * as assert from "node:assert/strict";

import { buildNginxValues } from "../../../components/ingress/controllers/nginx/nginx-values";
import type { Values } from "../../harness";
import type { IngressArgs } from "../../../components/ingress/ingress-args";
import {
  at,
  quickCheck,
  publicTargets,
  resolved,
  behindService,
  valuesArgs,
  withoutProxyProtocol,
} from "./args";

const nodePorts = { http: 31080, https: 31443, health: 31254 };
const args: IngressArgs = { ...valuesArgs, loadBalancer: { ...valuesArgs.loadBalancer, nodePorts } };

/** Each value below `controller`, where it is, and why it is there. */
const rows: readonly (readonly [what: string, path: string, wanted: unknown])[] = [
  [
    "listens on the node ports that the load balancer sends to, on nodes that run it",
    "service",
    { type: "NodePort", externalTrafficPolicy: "Local", nodePorts: { http: 31080, https: 31443 } },
  ],
  ["shows the load balancer's address on every Ingress", "extraArgs.publish-status-address", "203.0.113.9"],
  ["does not show the nodes' addresses", "publishService", { enabled: false }],
  [
    "is the class of Ingresses that name none",
    "ingressClassResource",
    { enabled: true, default: true, name: "nginx" },
  ],
  ["sends plain HTTP to HTTPS", "config.force-ssl-redirect", "true"],
  ["takes TLS of 1.2 or newer", "config.ssl-protocols", "TLSv1.2 TLSv1.3"],
  ["leaves HSTS to the zone's edge", "config.hsts", "false"],
  ["reads PROXY protocol headers", "config.use-proxy-protocol", "true"],
  ["reads what an edge says about the client", "config.use-forwarded-headers", "true"],
  ["reads it where Cloudflare says it", "config.forwarded-for-header", "CF-Connecting-IP"],
  [
    "believes the load balancer and Cloudflare, and nobody else",
    "config.proxy-real-ip-cidr",
    "10.0.0.9/32,173.245.48.0/20,2400:cb00::/32",
  ],
  ["answers 429 to too many requests", "config.limit-req-status-code", "429"],
  ["answers 429 to too many connections", "config.limit-conn-status-code", "429"],
  ["leaves the size of a body to the route", "config.proxy-body-size", "0"],
  ["lets the mesh balance", "config.service-upstream", "true"],
  ["closes a connection that nobody uses", "config.keep-alive", "180"],
  ["asks that an old connection be opened anew", "config.http-snippet", "keepalive_time 180s;"],
  ["outlasts the load balancer's health check", "extraArgs.shutdown-grace-period", "60"],
  [
    "stays ready while it takes connections, though its health check fails",
    "readinessProbe",
    { failureThreshold: 7 },
  ],
  ["lets requests under way end", "config.worker-shutdown-timeout", "240s"],
  ["is given the time for both", "terminationGracePeriodSeconds", 305],
  [
    "serves the wildcard certificate by default",
    "extraArgs.default-ssl-certificate",
    "ingress-nginx/wildcard-tls",
  ],
  [
    "is meshed, but for the ports where clients, the API server and the load balancer's check come in",
    "podAnnotations",
    { "linkerd.io/inject": "enabled", "config.linkerd.io/skip-inbound-ports": "80,443,8443,10254" },
  ],
  [
    "has its webhook's certificate from cert-manager, not from Jobs",
    "admissionWebhooks",
    { certManager: { enabled: true } },
  ],
  ["can be measured", "metrics", { enabled: true }],
  ["asks for CPU and memory", "resources", { requests: { cpu: "100m", memory: "128Mi" } }],
  [
    "has between 3 and 10 copies, by CPU alone",
    "autoscaling",
    {
      enabled: true,
      minReplicas: 3,
      maxReplicas: 10,
      targetCPUUtilizationPercentage: 80,
      targetMemoryUtilizationPercentage: 0,
    },
  ],
  ["leaves the number of its copies to the autoscaler", "replicaCount", undefined],
  ["loses one copy at a time", "maxUnavailable", 1],
  [
    "spreads over the nodes",
    "topologySpreadConstraints",
    [
      {
        maxSkew: 1,
        topologyKey: "kubernetes.io/hostname",
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: {
          matchLabels: {
            "app.kubernetes.io/name": "ingress-nginx",
            "app.kubernetes.io/component": "controller",
          },
        },
      },
    ],
  ],
  ["waits as long for more of a body", "config.client-body-timeout", "3600"],
  ["waits as long for more of an answer, or on a quiet stream", "config.proxy-read-timeout", "3600"],
  ["waits as long for the app to take more", "config.proxy-send-timeout", "3600"],
  ["asks no other pod after that time", "config.proxy-next-upstream-timeout", "3600"],
  ["takes no snippets of configuration from Ingresses", "allowSnippetAnnotations", undefined],
];

const controllerOf = async (given = args) =>
  (await resolved(buildNginxValues(given))).controller as Values & { config: Record<string, string> };

describe("nginxValues", () => {
  for (const [what, path, wanted] of rows)
    it(`${what} (controller.${path})`, async () => assert.deepEqual(at(await controllerOf(), path), wanted));

  it("logs requests as JSON that can be read back", async () => {
    const { config } = await controllerOf();
    assert.equal(config["log-format-escape-json"], "true");
    const format = config["log-format-upstream"] ?? "";
    // nginx writes the text between single quotes, and puts a value in the place of each variable.
    assert.equal(format.includes("'"), false);
    const line = JSON.parse(format.replaceAll(/\$\w+/g, "value")) as Record<string, string>;
    assert.ok(Object.keys(line).length > 10);
    for (const value of Object.values(line)) assert.match(value, /value/);
  });

  it("says everything in its ConfigMap as text, as Kubernetes wants it", async () => {
    for (const [key, value] of Object.entries((await controllerOf()).config))
      assert.equal(typeof value, "string", key);
  });

  it("says nothing that no test knows", async () => {
    const known = (prefix: string) => (key: string) =>
      !rows.some(([, path]) => path === `${prefix}${key}` || path.startsWith(`${prefix}${key}.`)) &&
      !key.startsWith("log-format");
    const values = await resolved(buildNginxValues(args));
    assert.deepEqual(Object.keys(values), ["controller"]);
    const { config, ...controller } = await controllerOf();
    assert.deepEqual(Object.keys(controller).filter(known("")), []);
    assert.deepEqual(Object.keys(config).filter(known("config.")), []);
  });

  it("believes nobody but Cloudflare where the load balancer sends no PROXY protocol header", async () => {
    const { config } = await controllerOf(withoutProxyProtocol);
    assert.equal(config["use-proxy-protocol"], "false");
    assert.equal(config["proxy-real-ip-cidr"], "173.245.48.0/20,2400:cb00::/32");
  });

  it("shows the addresses of the Service that leads to it, and has no node ports then", async () => {
    const controller = await controllerOf(behindService);
    assert.deepEqual(controller.publishService, { enabled: true, pathOverride: "ingress-nginx/k3s-lb" });
    assert.equal(at(controller, "extraArgs.publish-status-address"), undefined);
    assert.deepEqual(controller.service, { type: "ClusterIP" });
    assert.equal(controller.config["proxy-real-ip-cidr"], "10.0.0.9/32,173.245.48.0/20,2400:cb00::/32");
  });

  it("asks for what it is told to", async () => {
    const resources = { cpu: "1", memory: "1Gi" };
    assert.deepEqual((await controllerOf({ ...args, resources })).resources, { requests: resources });
  });

  it("ends as quickly as the load balancer notices", async () => {
    const controller = await controllerOf(quickCheck);
    assert.equal(at(controller, "extraArgs.shutdown-grace-period"), "18");
    assert.equal(controller.terminationGracePeriodSeconds, 18 + 240 + 5);
  });

  it("becomes unready first behind a Service, whose node ports nobody asks for its health", async () => {
    const controller = await controllerOf(behindService);
    assert.equal(at(controller, "extraArgs.shutdown-grace-period"), "90");
    assert.equal(controller.readinessProbe, undefined);
    assert.equal(at(controller, "podAnnotations.[config.linkerd.io/skip-inbound-ports]"), "80,443,8443");
  });

  it("believes a load balancer that reaches public targets at its public address too", async () => {
    const { config } = await controllerOf(publicTargets);
    assert.equal(config["proxy-real-ip-cidr"], "10.0.0.9/32,203.0.113.9/32,173.245.48.0/20,2400:cb00::/32");
  });

  it("keeps a connection, used or not, for as long as it is told", async () => {
    const { config } = await controllerOf({ ...args, keepAliveSeconds: 900 });
    assert.deepEqual([config["keep-alive"], config["http-snippet"]], ["900", "keepalive_time 900s;"]);
  });

  for (const [responseHeaders, allowed] of [
    [["X-A", "X-B"], "X-A,X-B"],
    [[], undefined],
    [undefined, undefined],
  ] as const)
    it(`lets routes set ${allowed ?? "no header"} in answers, if told ${String(responseHeaders)}`, async () => {
      const controller = await controllerOf({ ...args, ...(responseHeaders && { responseHeaders }) });
      assert.equal(at(controller, "config.global-allowed-response-headers"), allowed);
    });
});
