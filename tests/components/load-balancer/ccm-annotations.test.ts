import * as assert from "node:assert/strict";

import { ccmAnnotations, type CcmLoadBalancerSpec } from "../../../components/load-balancer/ccm-annotations";

const spec: CcmLoadBalancerSpec = { name: "k3s-lb", location: { location: "fsn1" } };

/** The annotations other than name and location, without the prefix. */
const more = (changed: Partial<CcmLoadBalancerSpec>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(ccmAnnotations({ ...spec, ...changed }))
      .map(([key, value]) => [key.replace("load-balancer.hetzner.cloud/", ""), value] as const)
      .filter(([key]) => key !== "name" && key !== "location"),
  );

describe("ccmAnnotations", () => {
  it("sets the network zone instead of the location", () =>
    assert.deepEqual(ccmAnnotations({ name: "k3s-lb", location: { networkZone: "eu-central" } }), {
      "load-balancer.hetzner.cloud/name": "k3s-lb",
      "load-balancer.hetzner.cloud/network-zone": "eu-central",
    }));

  const rows: readonly (readonly [Partial<CcmLoadBalancerSpec>, Record<string, string>])[] = [
    [{ type: "lb21" }, { type: "lb21" }],
    [{ algorithm: "least_connections" }, { "algorithm-type": "least_connections" }],
    [{ usePrivateIp: true }, { "use-private-ip": "true" }],
    [{ usePrivateIp: false }, { "use-private-ip": "false" }],
    [{ disablePrivateIngress: true }, { "disable-private-ingress": "true" }],
    [{ disablePublicNetwork: false }, { "disable-public-network": "false" }],
    [{ ipv6Disabled: true }, { "ipv6-disabled": "true" }],
    [{ privateIpv4: "10.0.0.2" }, { "private-ipv4": "10.0.0.2" }],
    [{ privateSubnetIpRange: "10.0.0.0/24" }, { "private-subnet-ip-range": "10.0.0.0/24" }],
    [{ hostname: "lb.example.com" }, { hostname: "lb.example.com" }],
    [{ nodeSelector: "role in (edge,web)" }, { "node-selector": "role in (edge,web)" }],
    [{ usesProxyProtocol: true }, { "uses-proxyprotocol": "true" }],
    [{ protocol: "https" }, { protocol: "https" }],
    [{ http: { cookieName: "LB" } }, { "http-cookie-name": "LB" }],
    [{ http: { cookieLifetimeSeconds: 300 } }, { "http-cookie-lifetime": "300s" }],
    [{ http: { timeoutIdleSeconds: 30 } }, { "http-timeout-idle": "30s" }],
    [{ http: { stickySessions: true } }, { "http-sticky-sessions": "true" }],
    [{ http: { redirectHttp: false } }, { "http-redirect-http": "false" }],
    [
      { http: { certificates: { uploaded: [7, "wildcard"] } } },
      { "certificate-type": "uploaded", "http-certificates": "7,wildcard" },
    ],
    [
      { http: { certificates: { managed: { name: "own", domains: ["example.com", "*.example.com"] } } } },
      {
        "certificate-type": "managed",
        "http-managed-certificate-name": "own",
        "http-managed-certificate-domains": "example.com,*.example.com",
      },
    ],
    [
      { http: { certificates: { managed: { domains: ["example.com"] } } } },
      { "certificate-type": "managed", "http-managed-certificate-domains": "example.com" },
    ],
    [{ healthCheck: { protocol: "http" } }, { "health-check-protocol": "http" }],
    [{ healthCheck: { port: 30080 } }, { "health-check-port": "30080" }],
    [{ healthCheck: { intervalSeconds: 15 } }, { "health-check-interval": "15s" }],
    [{ healthCheck: { timeoutSeconds: 10 } }, { "health-check-timeout": "10s" }],
    [{ healthCheck: { retries: 3 } }, { "health-check-retries": "3" }],
    [{ healthCheck: { domain: "a.example.com" } }, { "health-check-http-domain": "a.example.com" }],
    [{ healthCheck: { path: "/up" } }, { "health-check-http-path": "/up" }],
    [{ healthCheck: { statusCodes: ["2??", "404"] } }, { "http-status-codes": "2??,404" }],
    [{ healthCheck: { validateCertificate: true } }, { "health-check-http-validate-certificate": "true" }],
    [{ reverseDns: "lb.example.com" }, { "ipv4-rdns": "lb.example.com", "ipv6-rdns": "lb.example.com" }],
    [
      { reverseDns: "lb.example.com", ipv6Disabled: true },
      { "ipv4-rdns": "lb.example.com", "ipv6-disabled": "true" },
    ],
  ];
  for (const [options, annotations] of rows)
    it(`sets ${Object.keys(annotations).join(", ")} for ${JSON.stringify(options)}`, () =>
      assert.deepEqual(more(options), annotations));
});
