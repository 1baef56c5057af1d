import * as assert from "node:assert/strict";

import { changed } from "../config";
import { prod, overlap, readErrors, rejects, accepts, without, type Changes } from "./configurations";

describe("invalid settings", () => {
  rejects([
    "cluster.nodes: got 0, want 1 or more",
    "cluster: is missing, want keys and values",
    'cluster.apiServer.host: got "", want a string that is not empty',
    "aps: is not a known key",
    "loadBalancer.networkId: got 0, want more than 0",
    'loadBalancer.labelSelector: got "cluster", want a label selector, such as cluster=prod,role=worker',
    'certificates.email: got "admin", want an e-mail address',
    'mesh.trustDomain: got "x", want a host name in lower case, such as api.example.com',
    'namespace: got "My Apps", want lower-case letters, digits and dashes, a letter first, 63 at most',
    "namespace: got traefik, want a namespace that only the apps are in",
    "namespace: got kube-system, want a namespace that only the apps are in",
    ...["10.0.0.0", "10.0.0.0/33", "10.0.0.1/16", "10.0.0.256/24", "10.0.0/24", "ten"].map(
      (range) =>
        `cluster.nodeCidr: got "${range}", want an IPv4 range that begins with its first address, such as 10.0.0.0/16`,
    ),
    ...[
      ["podCidr", "10.0.0.0/17", "cluster.nodeCidr 10.0.0.0/16"],
      ["podCidr", "10.0.255.0/24", "cluster.nodeCidr 10.0.0.0/16"],
      ["serviceCidr", "10.42.0.0/16", "cluster.podCidr 10.42.0.0/16"],
    ].map(([key = "", range = "", other = ""]): [Changes, string] => [
      { [`cluster.${key}`]: range },
      overlap(`cluster.${key}`, range, other),
    ]),
    'import.dns-example: got "", want a string that is not empty',
    "import.dns-example: got true, want a string",
  ]);
  rejects({
    "loadBalancer: got both, set exactly one of location and networkZone": {
      "loadBalancer.networkZone": "eu-central",
    },
    "loadBalancer: got neither, set exactly one of location and networkZone": {
      "loadBalancer.location": undefined,
    },
    "import: is not a valid name, want the name of a resource": { import: { "": "x" } },
  });
  accepts([
    ...["10.0.0.0/16", "192.168.0.1/32", "10.41.0.0/16"].map((range) => ({ "cluster.nodeCidr": range })),
    { "loadBalancer.labelSelector": "a=b" },
    { "loadBalancer.labelSelector": "a=b,c=d" },
    { namespace: "a" },
    { namespace: "a".repeat(63) },
    { namespace: "kubernetes" },
  ]);
});

describe("several errors", () => {
  it("are reported at once: of shapes, of rules and of secrets", async () => {
    const config = changed(without("hcloud:token"), {
      "apps.admin.port": 0,
      "apps.admin.calls": ["nobody"],
      "dns.records.0.ttl": 300,
      "loadBalancer.networkZone": "eu-central",
      "cluster.nodes": 0,
      typo: 1,
    });
    assert.deepEqual(await readErrors(config), [
      "7 settings are wrong in Pulumi.prod.yaml; nothing was changed:",
      "  cluster.nodes: got 0, want 1 or more",
      "  loadBalancer: got both, set exactly one of location and networkZone",
      "  apps.admin.port: got 0, want 1 to 65535",
      "  typo: is not a known key",
      "  dns.records.0: got ttl 300 on a proxied record, want no ttl (Cloudflare decides) or proxied: false",
      "  apps.admin.calls.0: got nobody, want the name of an app: " +
        "api-gateway, web-frontend, admin, grafana, auth-service, user-service",
      "  hcloud:token: is missing, want a Hetzner Cloud API token, 64 characters: pulumi config set --secret hcloud:token",
    ]);
  });

  it("cause no others: neither a call to an invalid app nor a host of an invalid domain", async () => {
    const config = changed(prod, { "apps.auth-service.port": 0, "dns.domain": "example.org" });
    assert.deepEqual(await readErrors(config), [
      "2 settings are wrong in Pulumi.prod.yaml; nothing was changed:",
      "  apps.auth-service.port: got 0, want 1 to 65535",
      "  dns.domain: got example.org, want example.com or a name in it",
    ]);
  });

  it("cause no others: an invalid app may have what seems to be missing", async () => {
    const config = changed(prod, {
      "apps.web-frontend.routes.1": { host: "shop.example.com", paths: [] },
      "waf.redirects": [{ from: "shop.example.com", to: "example.com" }],
      "dns.proxied": false,
      "dns.records.0.proxied": false,
      "originLock.generation": 1,
    });
    assert.deepEqual(await readErrors(config), [
      "One setting is wrong in Pulumi.prod.yaml; nothing was changed:",
      "  apps.web-frontend.routes.1.paths: got [], want at least one",
    ]);
  });

  it("name every required key of an empty config", async () => {
    const [, ...lines] = await readErrors({});
    assert.deepEqual(
      lines.map((line) => line.trim().split(": is missing")[0]),
      ["cluster", "loadBalancer", "dns", "certificates", "namespace", "apps", "dns01Token"].concat([
        "hcloud:token",
        "cloudflare:apiToken",
        "kubernetes:kubeconfig",
      ]),
    );
  });
});
