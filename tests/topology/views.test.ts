import assert from "node:assert/strict";

import { addFindings, parseFindings } from "../../topology/findings";
import { formatMermaid } from "../../topology/mermaid";
import { readTopology } from "../../topology/read-topology";
import type { Topology, TopologyNode } from "../../topology/topology";
import { focusApp, maxNodes, overview } from "../../topology/views";
import { deployOnce } from "./stacks";

const idsOf = ({ nodes }: Topology): string[] => nodes.map(({ id }) => id);

const prod = async () => readTopology(await deployOnce("prod"));
const hundred = async () => readTopology(await deployOnce("100-apps"));

describe("the overview", () => {
  it("shows every node of a small stack", async () => {
    const topology = await prod();
    assert.equal(overview(topology), topology);
  });

  it("shows the apps by namespace, with the number of calls, if there are many", async () => {
    const { nodes, edges } = overview(await hundred());
    assert.deepEqual(
      nodes.filter(({ members }) => members).map(({ id, title, details }) => [id, title, ...details]),
      [
        ["dns/proxied", "21 hosts", "proxied"],
        ["routes", "40 routes"],
        ["apps/production/with routes", "40 apps", "with routes", "40 calls inside"],
        ["apps/databases/without routes", "20 apps", "without routes"],
        ["apps/messaging/without routes", "20 apps", "without routes"],
        ["apps/production/without routes", "20 apps", "without routes"],
        ["outside", "4 destinations"],
      ],
    );
    assert.deepEqual(
      edges
        .filter(({ from }) => from.startsWith("apps/"))
        .map(({ from, to, kind, label }) => [from, to, kind, label].join(" | ")),
      [
        "apps/production/with routes | apps/databases/without routes | plain | 20 calls",
        "apps/production/with routes | apps/messaging/without routes | meshed | 20 calls",
        "apps/production/without routes | apps/databases/without routes | plain | 20 calls",
        "apps/production/without routes | apps/messaging/without routes | meshed | 20 calls",
        "apps/production/without routes | outside | plain | 4 calls",
      ],
    );
  });

  it("has every node in exactly one group, with its findings", async () => {
    const topology = await hundred();
    const finding = {
      code: "pod/crash",
      object: "Pod production/tax-api-1",
      problem: "crashes",
      fix: "true",
    };
    const marked = addFindings(topology, [finding]);
    const { nodes } = overview(marked);
    assert.deepEqual(
      nodes.flatMap((node) => idsOf({ ...topology, nodes: node.members ?? [node] })).sort(),
      idsOf(topology).sort(),
    );
    const found = nodes.filter(({ findings }) => findings.length > 0).map(({ id }) => id);
    assert.deepEqual(found, ["apps/production/with routes"]);
  });
});

describe("the Mermaid flowchart", () => {
  /** 50 apps, each in a namespace of its own. */
  const scattered = async (): Promise<Topology> => {
    const topology = await hundred();
    const [app] = topology.nodes.filter(({ layer }) => layer === "apps");
    const move = (node: TopologyNode, index: number) => ({
      ...node,
      id: `apps/${index}`,
      namespace: `n${index}`,
    });
    return {
      ...topology,
      nodes: Array.from({ length: 50 }, (_, index) => move(app as TopologyNode, index)),
      edges: [],
    };
  };

  it("stays within GitHub's limits", async () => {
    for (const topology of [await prod(), await hundred(), await scattered()]) {
      const lines = formatMermaid(topology).split("\n");
      assert.ok(lines.filter((line) => /^ +n\d+\[/.test(line)).length <= maxNodes);
      assert.ok(lines.filter((line) => line.includes("->")).length <= 500);
      assert.ok(lines.join("\n").length <= 50_000);
    }
  });

  it("has a node for each namespace, with a count, if there are many apps", async () => {
    const text = formatMermaid(await hundred());
    for (const line of ['subgraph g8["Namespace messaging"]', '"20 apps<br/>without routes"', '|"20 calls"|'])
      assert.ok(text.includes(line), text);
  });
});

describe("the picture of an app", () => {
  it("has its way in, its callers and what it calls", async () => {
    const topology = focusApp(await hundred(), "apps/order-api");
    assert.deepEqual(idsOf(topology), [
      "visitors/internet",
      "dns/api.example.com",
      "edge/cloudflare",
      "balancer/k3s-lb",
      "ingress/traefik",
      "routes/api.example.com/order Prefix",
      "apps/media-api",
      "apps/order-api",
      "apps/order-db",
      "apps/order-queue",
      "apps/order-web",
      "apps/payment-api",
      "certificates/traefik/wildcard-cert",
    ]);
    const calls = topology.edges.filter(({ kind }) => kind === "meshed" || kind === "plain");
    assert.deepEqual(
      calls.map(({ from, to }) => `${from} ${to}`),
      [
        "apps/media-api apps/order-api",
        "apps/order-web apps/order-api",
        "apps/order-api apps/payment-api",
        "apps/order-api apps/order-db",
        "apps/order-api apps/order-queue",
      ],
    );
  });

  it("has no way in for an app without routes", async () =>
    assert.deepEqual(idsOf(focusApp(await prod(), "apps/auth-service")), [
      "apps/api-gateway",
      "apps/auth-service",
    ]));
});

describe("findings of the doctor", () => {
  const mark = async (...objects: string[]) => {
    const findings = objects.map((object) => ({
      code: "step/code",
      object,
      problem: "is broken",
      fix: "true",
    }));
    return addFindings(await prod(), findings)
      .nodes.filter(({ findings: its }) => its.length > 0)
      .map(({ id }) => id);
  };

  for (const [object, ...nodes] of [
    ["Service production/web-frontend", "apps/web-frontend"],
    ["Pod production/api-gateway-7d9f8-abcde", "apps/api-gateway"],
    ["CiliumNetworkPolicy production/admin-policy", "apps/admin"],
    [
      "Ingress production/api-gateway-api-example-com",
      "routes/api.example.com/v1 Prefix",
      "routes/api.example.com/health Exact",
    ],
    ["DNS record AAAA api.example.com", "dns/api.example.com"],
    ["Host www.example.com", "dns/www.example.com"],
    ["Zone setting ssl", "edge/cloudflare"],
    ["Load balancer k3s-lb", "balancer/k3s-lb"],
    ["Deployment traefik/traefik", "ingress/traefik"],
    ["Secret traefik/wildcard-tls", "certificates/traefik/wildcard-cert"],
    ["Order traefik/wildcard-cert-1-123", "certificates/traefik/wildcard-cert"],
    ["Node worker-1"],
    ["Service production/other"],
  ] as const)
    it(`marks ${nodes.join(" and ") || "nothing"} for ${object}`, async () =>
      assert.deepEqual(await mark(object), nodes));

  it("prefers the app with the longer name", async () => {
    const topology = await prod();
    const [web] = topology.nodes.filter(({ title }) => title === "web-frontend");
    const shorter = { ...(web as TopologyNode), id: "apps/web", objects: ["* production/web-*"] };
    const object = "Pod production/web-frontend-1";
    const findings = [{ code: "step/code", object, problem: "is broken", fix: "true" }];
    const marked = addFindings({ ...topology, nodes: [...topology.nodes, shorter] }, findings).nodes;
    assert.deepEqual(
      marked.filter(({ findings: its }) => its.length > 0).map(({ id }) => id),
      ["apps/web-frontend"],
    );
  });

  it("are those of the doctor's JSON", () => {
    const cause = { code: "pod/crash", object: "Pod a/b", problem: "crashes", fix: "kubectl" };
    const text = JSON.stringify({ target: "x", stack: "prod", ok: false, causes: [cause], steps: [] });
    assert.deepEqual(parseFindings(text, "prod"), [cause]);
    assert.throws(() => parseFindings(text, "dev"), /got findings of the stack prod, want those of dev/);
    for (const wrong of ["", "[]", '{"causes": [{}]}'])
      assert.throws(() => parseFindings(wrong, "prod"), /want the output of npm run doctor -- --json/);
  });
});
