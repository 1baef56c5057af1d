import * as assert from "node:assert/strict";

import { buildNginxValues } from "../../../components/ingress/controllers/nginx/nginx-values";
import type { Values } from "../../harness";
import type { IngressArgs } from "../../../components/ingress/ingress-args";
import { at, publicTargets, resolved, behindService, valuesArgs, withoutProxyProtocol } from "./args";

const nodePorts = { http: 31080, https: 31443, health: 31254 };
const args: IngressArgs = { ...valuesArgs, loadBalancer: { ...valuesArgs.loadBalancer, nodePorts } };

/** Each value below `controller`: its purpose, its path, and the value. */
const rows: readonly (readonly [what: string, path: string, wanted: unknown])[] = [
  [
    "listens on the load balancer's target node ports, on nodes that run it",
    "service",
    { type: "NodePort", externalTrafficPolicy: "Local", nodePorts: { http: 31080, https: 31443 } },
  ],
  ["has the default IngressClass", "ingressClassResource", { enabled: true, default: true, name: "nginx" }],
  ["redirects plain HTTP to HTTPS", "config.force-ssl-redirect", "true"],
  ["accepts TLS 1.2 or newer", "config.ssl-protocols", "TLSv1.2 TLSv1.3"],
  ["leaves HSTS to the zone's edge", "config.hsts", "false"],
  ["reads the edge's header with the client's address", "config.use-forwarded-headers", "true"],
  [
    "refuses a client's own X-Forwarded-Host",
    "config.server-snippet",
    'if ($http_x_forwarded_host$http_x_forwarded_port != "") { return 400; }',
  ],
  ["removes headers that only the platform may write", "proxySetHeaders.X-Forwarded-Prefix", ""],
  ["removes a forged path before a rewrite", "proxySetHeaders.X-Replaced-Path", ""],
  ["passes the client's address on any host", "proxySetHeaders.CF-Connecting-IP", "$remote_addr"],
  ["keeps the headers that nginx writes", "proxySetHeaders.X-Real-Ip", undefined],
  ["reads Cloudflare's header", "config.forwarded-for-header", "CF-Connecting-IP"],
  ["answers 429 to too many requests", "config.limit-req-status-code", "429"],
  ["answers 429 to too many connections", "config.limit-conn-status-code", "429"],
  ["leaves the maximum body size to the route", "config.proxy-body-size", "0"],
  ["leaves load balancing to the mesh", "config.service-upstream", "true"],
  [
    "is meshed, except for the ports of clients, the API server and the load balancer's health check",
    "podAnnotations",
    { "linkerd.io/inject": "enabled", "config.linkerd.io/skip-inbound-ports": "80,443,8443,10254" },
  ],
  [
    "gets its webhook's certificate from cert-manager, not from Jobs",
    "admissionWebhooks",
    { certManager: { enabled: true } },
  ],
  ["scales from 3 pods", "autoscaling.minReplicas", 3],
  ["scales to 10 pods", "autoscaling.maxReplicas", 10],
  ["does not scale by memory", "autoscaling.targetMemoryUtilizationPercentage", 0],
  ["leaves the number of pods to the autoscaler", "replicaCount", undefined],
  ["has at most one unavailable pod", "maxUnavailable", 1],
  ...["client-body-timeout", "proxy-read-timeout", "proxy-send-timeout", "proxy-next-upstream-timeout"].map(
    (key) => ["limits the time between two reads or writes", `config.${key}`, "3600"] as const,
  ),
  ["accepts no configuration snippets of Ingresses", "allowSnippetAnnotations", undefined],
];

const buildController = async (given = args) =>
  (await resolved(buildNginxValues(given))).controller as Values & { config: Record<string, string> };

describe("buildNginxValues", () => {
  for (const [what, path, wanted] of rows)
    it(`${what} (controller.${path})`, async () =>
      assert.deepEqual(at(await buildController(), path), wanted));

  it("has buffers for headers of the given size", async () => {
    const keys = ["large-client-header-buffers", "proxy-buffer-size", "grpc-buffer-size-kb"];
    const sizes = async (maxHeaderSize?: string) => {
      const { config } = await buildController({ ...args, maxHeaderSize });
      return keys.map((key) => config[key]);
    };
    assert.deepEqual(await sizes(), [undefined, undefined, undefined]);
    assert.deepEqual(await sizes("64Ki"), ["4 64k", "64k", "64"]);
  });

  it("logs requests as valid JSON", async () => {
    const { config } = await buildController();
    assert.equal(config["log-format-escape-json"], "true");
    const format = config["log-format-upstream"] ?? "";
    // nginx puts the text between single quotes, and replaces each variable with a value.
    assert.equal(format.includes("'"), false);
    const line = JSON.parse(format.replaceAll(/\$\w+/g, "value")) as Record<string, string>;
    assert.ok(Object.keys(line).length > 10);
    for (const value of Object.values(line)) assert.match(value, /value/);
  });

  it("trusts only Cloudflare without PROXY protocol", async () => {
    const { config } = await buildController(withoutProxyProtocol);
    assert.equal(config["use-proxy-protocol"], "false");
    assert.equal(config["proxy-real-ip-cidr"], "173.245.48.0/20,2400:cb00::/32");
  });

  it("publishes the addresses of the Service in front of it, and then has no node ports", async () => {
    const controller = await buildController(behindService);
    assert.deepEqual(controller.publishService, { enabled: true, pathOverride: "ingress-nginx/k3s-lb" });
    assert.equal(at(controller, "extraArgs.publish-status-address"), undefined);
    assert.deepEqual(controller.service, { type: "ClusterIP" });
    assert.equal(controller.config["proxy-real-ip-cidr"], "10.0.0.9/32,173.245.48.0/20,2400:cb00::/32");
  });

  it("becomes unready first behind a Service, since no health check reaches the pod", async () => {
    const controller = await buildController(behindService);
    assert.equal(at(controller, "extraArgs.shutdown-grace-period"), "90");
    assert.equal(controller.readinessProbe, undefined);
    assert.equal(at(controller, "podAnnotations.[config.linkerd.io/skip-inbound-ports]"), "80,443,8443");
  });

  it("trusts the public address of a load balancer with public targets too", async () => {
    const { config } = await buildController(publicTargets);
    assert.equal(config["proxy-real-ip-cidr"], "10.0.0.9/32,203.0.113.9/32,173.245.48.0/20,2400:cb00::/32");
  });

  it("keeps a connection, in use or idle, for keepAliveSeconds", async () => {
    const { config } = await buildController({ ...args, keepAliveSeconds: 900 });
    assert.deepEqual([config["keep-alive"], config["http-snippet"]], ["900", "keepalive_time 900s;"]);
  });

  for (const [responseHeaders, allowed] of [
    [["X-A", "X-B"], "X-A,X-B"],
    [[], undefined],
    [undefined, undefined],
  ] as const)
    it(`lets routes set ${allowed ?? "no header"} in responses with responseHeaders ${String(responseHeaders)}`, async () => {
      const controller = await buildController({ ...args, ...(responseHeaders && { responseHeaders }) });
      assert.equal(at(controller, "config.global-allowed-response-headers"), allowed);
    });
});
