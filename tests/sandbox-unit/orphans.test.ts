import assert from "node:assert/strict";

import type { Inventory } from "../../sandbox/clouds/client";
import type { Deployment } from "../../sandbox/engine/deployment";
import { findCloudOrphans, findClusterOrphans, formatOrphans } from "../../sandbox/orphans";

const [zone, other] = ["a".repeat(32), "b".repeat(32)];

const inventory: Inventory = {
  hetzner: {
    load_balancers: [{ id: 5, name: "k3s-lb", public_net: {}, private_net: [], services: [], targets: [] }],
  },
  cloudflare: {
    dns_records: [
      { id: "r1", name: "api.example.com", type: "A" },
      { id: "r3", name: "www.example.com", type: "CNAME" },
      { id: "foreign", name: "dev.example.com", type: "A" },
    ],
    settings: [
      { zone, id: "ssl", value: "strict" },
      { zone, id: "http3", value: "on" },
      { zone: other, id: "ssl", value: "full" },
    ],
    dnssec: [
      { zone, status: "pending" },
      { zone: other, status: "disabled" },
    ],
    rulesets: [
      { zone, id: "rs1", phase: "http_ratelimit" },
      { zone, id: "kept", phase: "http_request_firewall_custom" },
    ],
    origin_pulls: {
      certificates: [{ zone, id: "c1", status: "active" }],
      settings: [{ zone, enabled: true }],
    },
    tokens: [
      { id: "t1", name: "dns01", status: "active" },
      { id: "t2", name: "external-dns", status: "active" },
    ],
  },
};

/** A stack of the zone that has these and nothing else. */
const stack = (resources: readonly (readonly [name: string, id: string])[]): Deployment => ({
  resources: resources.map(([name, id]) => {
    const type = `cloudflare:index/${name.charAt(0).toLowerCase()}${name.slice(1)}:${name}`;
    return { urn: `urn:pulumi:dev::net::${type}::${id}`, type, id, inputs: { zoneId: zone } };
  }),
});

describe("What a destroy leaves", () => {
  it("is, in the clouds, whatever no standing stack has", () => {
    const { left } = findCloudOrphans(inventory, [
      stack([["DnsRecord", "foreign"]]),
      stack([
        ["Ruleset", "kept"],
        ["ApiToken", "t2"],
      ]),
      undefined,
    ]);
    assert.deepEqual(left, [
      "load balancer k3s-lb",
      "DNS record api.example.com A",
      "DNS record www.example.com CNAME",
      `ruleset http_ratelimit of the zone ${zone}`,
      `origin pull certificate c1 of the zone ${zone}`,
      `DNSSEC of the zone ${zone}`,
      "API token dns01",
    ]);
    const all = stack([
      ...["r1", "r3", "foreign"].map((id) => ["DnsRecord", id] as const),
      ["Ruleset", "rs1"],
      ["Ruleset", "kept"],
      ["AuthenticatedOriginPullsCertificate", "c1"],
      ["ZoneDnssec", zone],
      ["ApiToken", "t1"],
      ["ApiToken", "t2"],
    ]);
    assert.deepEqual(findCloudOrphans(inventory, [all]).left, ["load balancer k3s-lb"]);
  });

  it("is not the settings of a zone, which cannot be deleted: those are counted", () => {
    assert.equal(findCloudOrphans(inventory, []).settings, 4);
    const others = stack([
      ["ZoneSetting", "ssl"],
      ["AuthenticatedOriginPullsSettings", zone],
    ]);
    assert.equal(findCloudOrphans(inventory, [others]).settings, 2);
  });

  it("is, in the cluster, what neither the API server nor a controller wrote; CRDs apart", async () => {
    const by = (manager: string, subresource?: string) => [{ manager, ...(subresource && { subresource }) }];
    const item = (name: string, managedFields: object, more: object = {}) => ({
      metadata: { name, managedFields, ...more },
    });
    const kind = (kind: string, name: string, ...verbs: readonly string[]) => ({
      ...{ name, kind, namespaced: true, verbs },
    });
    const extensions = "/apis/apiextensions.k8s.io/v1";
    const written = [...by("helm"), ...by("kube-apiserver", "status")];
    const answers: Record<string, unknown> = {
      "/apis": { groups: [{ preferredVersion: { groupVersion: "apiextensions.k8s.io/v1" } }] },
      "/api/v1": { resources: [kind("Secret", "secrets", "list"), kind("Binding", "bindings", "create")] },
      "/api/v1/secrets": {
        items: [
          item("left", by("helm"), { namespace: "apps" }),
          item("going", by("helm"), { deletionTimestamp: "2026-01-01T00:00:00Z" }),
          item("own", by("kube-apiserver"), { namespace: "kube-system" }),
          item("told", by("kubelet")),
          item("owned", by("helm"), { ownerReferences: [{}] }),
        ],
      },
      [extensions]: { resources: [kind("CustomResourceDefinition", "customresourcedefinitions", "list")] },
      [`${extensions}/customresourcedefinitions`]: { items: [item("things.acme.io", written)] },
    };
    const kube = { get: (where: string) => Promise.resolve(answers[where]) };
    assert.deepEqual(await findClusterOrphans(kube), {
      crds: ["things.acme.io"],
      objects: ["Secret apps/left", "Secret going (being deleted)"],
      isDeleting: true,
    });
  });

  const nothing = { left: [], settings: 0 };
  const crds = ["a.acme.io", "b.acme.io"];
  for (const [what, clouds, cluster, clean, text] of [
    [
      "CRDs alone are in order",
      nothing,
      { crds, objects: [], isDeleting: false },
      true,
      /hold nothing any more\.\nKept on purpose: 2 .* \(acme\.io\)\.\n/,
    ],
    [
      "a load balancer is not",
      { ...nothing, left: ["load balancer k3s-lb"] },
      undefined,
      false,
      /this is left:\n {2}load balancer k3s-lb\nYour own cluster was not searched\./,
    ],
    ...(
      [
        [1, "1 zone setting"],
        [9, "9 zone settings"],
      ] as const
    ).map(
      ([settings, kept]) =>
        [
          `${kept} in order`,
          { ...nothing, settings },
          undefined,
          true,
          new RegExp(`\nKept at Cloudflare, where a setting of a zone cannot be deleted: ${kept}\\.\n`),
        ] as const,
    ),
  ] as const)
    it(`is told: ${what}`, () => {
      const told = formatOrphans("dev", clouds, cluster);
      assert.equal(told.clean, clean);
      assert.match(told.text, text);
    });
});
