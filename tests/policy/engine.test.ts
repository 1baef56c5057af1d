import * as assert from "node:assert/strict";

import { engineForSuite, type AllowLocalhost, type Flow } from "./engine";

const namespace = "production";
const endpoints = {
  a: { namespace, labels: { app: "a" } },
  b: { namespace, labels: { app: "b" } },
  other: { namespace: "elsewhere", labels: { app: "b" } },
};

/** Closes `a` but for what these rules let in. */
const policy = (ingress: readonly object[], more: object = {}): object => ({
  apiVersion: "cilium.io/v2",
  kind: "CiliumNetworkPolicy",
  metadata: { name: "a-policy", namespace },
  spec: { endpointSelector: { matchLabels: { app: "a" } }, ingress },
  ...more,
});

const toA = (from: string, port = 8080): Flow => ({ from, to: "a", protocol: "TCP", port });
const tcp = [{ ports: [{ port: "8080", protocol: "TCP" }] }];
const fromB = { fromEndpoints: [{ matchLabels: { app: "b" } }], toPorts: tcp };

describe("Cilium's policy engine", () => {
  const engine = engineForSuite();
  const ask = (policies: readonly object[], flows: readonly Flow[], own: AllowLocalhost = "policy") =>
    engine.ask({ policies, endpoints, allowLocalhost: own, flows });

  it("allows everything without a policy", async () => {
    assert.deepEqual(await ask([], [toA("b")]), [{ egress: "allowed", ingress: "allowed" }]);
  });

  it("decides each half separately", async () => {
    assert.deepEqual(
      await ask([policy([fromB])], [toA("b"), toA("b", 8081), toA("other"), toA("reserved:world")]),
      [
        { egress: "allowed", ingress: "allowed" },
        { egress: "allowed", ingress: "denied" },
        { egress: "allowed", ingress: "denied" },
        { ingress: "denied" },
      ],
    );
  });

  it("matches no peer with an empty rule, and only the namespace with an empty selector", async () => {
    const flows = [toA("b"), toA("other")];
    const halves = async (rule: object) => (await ask([policy([rule])], flows)).map(({ ingress }) => ingress);
    assert.deepEqual(await halves({}), ["denied", "denied"]);
    assert.deepEqual(await halves({ fromEndpoints: [{}] }), ["allowed", "denied"]);
  });

  it("allows traffic from the own node to every pod, unless allowLocalhost is policy", async () => {
    assert.deepEqual(await ask([policy([fromB])], [toA("reserved:host")], "always"), [
      { ingress: "allowed" },
    ]);
    assert.deepEqual(await ask([policy([fromB])], [toA("reserved:host")], "policy"), [{ ingress: "denied" }]);
    assert.deepEqual(await ask([policy([fromB])], [toA("reserved:remote-node")], "always"), [
      { ingress: "denied" },
    ]);
  });

  it("treats an HTTP rule as allowing its port", async () => {
    const http = [{ ports: tcp[0]?.ports, rules: { http: [{ method: "GET" }] } }];
    assert.deepEqual(await ask([policy([{ ...fromB, toPorts: http }])], [toA("b")]), [
      { egress: "allowed", ingress: "allowed" },
    ]);
  });

  for (const [what, wrong, why] of [
    [
      "a policy of a namespace without one, which would be the whole cluster's",
      policy([fromB], { metadata: { name: "a-policy" } }),
      /^CiliumNetworkPolicy "a-policy": it has no namespace, and Cilium would take it for one of the whole cluster: say metadata\.namespace$/,
    ],
    [
      "a policy of the whole cluster with a namespace",
      policy([fromB], { kind: "CiliumClusterwideNetworkPolicy" }),
      /it is for the whole cluster, and has the namespace "production": leave it out$/,
    ],
    [
      "another kind",
      policy([fromB], { kind: "NetworkPolicy" }),
      /want a CiliumNetworkPolicy or a CiliumClusterwide/,
    ],
    [
      "another version",
      policy([fromB], { apiVersion: "cilium.io/v1" }),
      /apiVersion is "cilium.io\/v1", want cilium\.io\/v2$/,
    ],
    [
      "a misspelt word of a selector, which would select everybody",
      policy([{ fromEndpoints: [{ matchLabel: { app: "b" } }] }]),
      /spec\.ingress\[0\]\.fromEndpoints\[0\]\.matchLabel\.app is no field that Cilium knows$/,
    ],
    [
      "a misspelt word of a rule, which would let every port pass",
      policy([{ ...fromB, toPorts: undefined, toPort: tcp }]),
      /spec\.ingress\[0\]\.toPort\[0\] is no field that Cilium knows$/,
    ],
    [
      "more ports than a rule takes",
      policy([{ toPorts: [{ ports: Array.from({ length: 41 }, (_, n) => ({ port: String(n + 1) })) }] }]),
      /"a-policy": .*too many ports, the max is 40/i,
    ],
  ] as const)
    it(`refuses ${what}`, async () => {
      await assert.rejects(
        ask([wrong], [toA("b")]),
        ({ message }: Error) => why.test(message) || assert.fail(message),
      );
    });

  it("rejects duplicate policies and invalid flows, and continues", async () => {
    await assert.rejects(ask([policy([fromB]), policy([{}])], []), /a-policy is there twice/);
    await assert.rejects(
      ask([], [toA("c")]),
      /from "c" to "a": want names of endpoints, reserved:<name> or cidr:<address>$/,
    );
    await assert.rejects(ask([], [toA("b", 0)]), /to port 0 by "TCP": want a port and one protocol/);
    assert.deepEqual(await ask([], [toA("b")]), [{ egress: "allowed", ingress: "allowed" }]);
  });
});
