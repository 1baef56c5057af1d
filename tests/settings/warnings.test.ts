import * as assert from "node:assert/strict";

import { readWarnings, type Changes } from "./configurations";

/** The warnings but those about Cloudflare's proxy. */
const warnings = async (changes: Changes, preview?: boolean) =>
  (await readWarnings(changes, preview)).filter((message) =>
    /^(rateLimit|cilium[.]version|externalDns|originLock|edge[.]ssl|apps[.][^:]+routes:)/.test(message),
  );

const nginx =
  "rateLimit of api.example.com (api-gateway): ingress-nginx counts each IPv6 address as a client of its own, and one client " +
  "has 2^64 of them; with ingress.controller traefik or gateway a /64 is one client.";
const cilium = (version: string) =>
  `cilium.version: ${version} drops connections to names that egress allows (1.18.0 to 1.18.3 do), here of api-gateway; ` +
  "want a later patch of 1.18 (https://github.com/cilium/cilium/issues/42594).";
const egress = (version: string, target: object = { host: "smtp.example.net" }): Changes => ({
  "cilium.version": version,
  "apps.api-gateway.egress": [{ ...target, ports: [25] }],
});

describe("the warnings of a preview", () => {
  it("name the rate limits under nginx", async () =>
    assert.deepEqual(await warnings({ "ingress.controller": "nginx" }), [nginx]));
  for (const version of ["1.18.0", "1.18.3"])
    it(`name the apps with names in egress under Cilium ${version}`, async () =>
      assert.deepEqual(await warnings(egress(version)), [cilium(version)]));
  for (const [what, changes] of [
    ["Traefik", {}],
    ["Cilium 1.17.0", egress("1.17.0")],
    ["Cilium 1.18.10", egress("1.18.10")],
    ["Cilium 1.18.30", egress("1.18.30")],
    ["Cilium 1.19.0", egress("1.19.0")],
    ["egress by range alone", egress("1.18.2", { cidr: "192.0.2.0/24" })],
  ] as const)
    it(`are none under ${what}`, async () => assert.deepEqual(await warnings(changes), []));
  it("name the metadata service where Cilium cannot deny it alone", async () => {
    const old = { "cilium.version": "1.15.4", "apps.grafana": undefined };
    assert.deepEqual(await warnings(old), [
      "cilium.version: 1.15.4 cannot deny the metadata service of the servers, 169.254.169.254, and nothing else, so pods of " +
        "other teams' namespaces and of kube-system can read the servers' user data; want 1.16 or newer, or cilium.clusterDefaultDeny.",
    ]);
    assert.deepEqual(await warnings({ ...old, "cilium.clusterDefaultDeny": true }), []);
  });
  const team = { "externalDns.domains": ["apps.example.com"], externalDnsToken: "e".repeat(40) };
  it("say that external-dns finds no Ingress in a namespace that Traefik does not serve", async () => {
    assert.deepEqual(await warnings(team), [
      "externalDns.sources: traefik serves no Ingress of other namespaces, so none gets a record; want the namespaces in " +
        "ingress.namespaces, or other sources.",
    ]);
    assert.deepEqual(await warnings({ ...team, "ingress.namespaces": ["team-a"] }), []);
  });
  it("name a route by which Traefik can read the platform's keys", async () => {
    const hubble = (namespace: string) => ({
      "apps.hubble": { existing: true, namespace, port: 80, routes: [{ host: "hubble.example.com" }] },
    });
    assert.deepEqual(await warnings(hubble("kube-system")), [
      "apps.hubble.routes: traefik can read every Secret of kube-system, since it serves a route there.",
    ]);
    assert.deepEqual(await warnings(hubble("monitoring")), []);
    assert.deepEqual(await warnings({ ...hubble("kube-system"), "ingress.controller": "nginx" }), [nginx]);
  });
  it("say that the allow-list alone is the weaker half of the origin lock", async () => {
    const weaker =
      "originLock.clientCertificate: got false, so that the origin lock is Cloudflare's addresses alone, from which every " +
      "customer of Cloudflare can connect, past the rules of this zone; want true, in a stack that does not own the zone " +
      "with originLock.ca.";
    const gateway = { "ingress.controller": "gateway", "ingress.gatewayApi": "installed" };
    for (const controller of [{}, gateway])
      assert.deepEqual(await warnings({ ...controller, "originLock.clientCertificate": false }), [weaker]);
    assert.deepEqual(await warnings(gateway), []);
  });
  it("say that Cloudflare does not check the origin's certificate", async () =>
    assert.deepEqual(await warnings({ "edge.ssl": "full" }), [
      "edge.ssl: got full, by which Cloudflare accepts any certificate, so that whoever is between it and the origin can read " +
        "and change all requests; want strict as soon as the certificate is of a public CA.",
    ]));
  it("are not repeated in the up that follows", async () =>
    assert.deepEqual(await warnings(egress("1.18.2"), false), []));
});
