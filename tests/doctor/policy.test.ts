import * as assert from "node:assert/strict";

import { buildMetadataSpecs } from "../../components/cilium/metadata-policy";
import { checkPolicy } from "../../doctor/steps/policy";
import { app, fakeContext, namespace, policy, type FakeObject } from "./fake-context";

const apps = [
  app("web", {
    routes: [{}],
    calls: ["api", "metrics", "mail"],
    egress: [{ host: "*.example.org", ports: [443], protocol: "TCP" }],
  }),
  app("api", { egress: [{ cidr: "203.0.113.0/24", ports: [5432], protocol: "TCP" }] }),
  app("metrics", {
    existing: true,
    namespace: "monitoring",
    meshed: false,
    port: 9090,
    podLabels: { app: "prometheus" },
  }),
  app("mail", { external: "mail.example.net", port: 587 }),
];

type Change = (objects: readonly FakeObject[]) => readonly FakeObject[];

const add =
  (...added: readonly FakeObject[]): Change =>
  (objects) => [...objects, ...added];

const without =
  (name: string): Change =>
  (objects) =>
    objects.filter(({ metadata }) => metadata.name !== name);

const replaceSpec =
  (name: string, change: (spec: Readonly<Record<string, unknown>>) => object): Change =>
  (objects) =>
    objects.map((each) =>
      each.metadata.name === name
        ? { ...each, spec: change(each.spec as Readonly<Record<string, unknown>>) }
        : each,
    );

const find = async (change?: Change, ...args: readonly string[]) =>
  (await checkPolicy(fakeContext(apps, change, ...args))).findings;

const codes = async (change: Change, ...args: readonly string[]) =>
  (await find(change, ...args)).map(({ code, object }) => `${code} ${object}`);

const closed = { endpointSelector: {}, ingress: [{}], egress: [{}] };

describe("The doctor's policy step", () => {
  for (const args of [[], ["https://web.example.com/"], ["api", "web"], ["metrics", "web"]])
    it(`finds nothing in a healthy cluster for ${args.join(" from ") || "the whole stack"}`, async () => {
      const { seen, findings } = await checkPolicy(fakeContext(apps, undefined, ...args));
      assert.deepEqual(findings, []);
      assert.match(seen.join(), /^[1-9]\d* connections through 5 policies$/);
    });

  it("finds nothing where the metadata service is denied to an app with egress to everywhere", async () => {
    const specs = buildMetadataSpecs({ supportsEnableDefaultDeny: true });
    const denial = { ...policy("platform-no-metadata", undefined, {}), spec: undefined, specs };
    const everywhere = app("api", { egress: [{ cidr: "0.0.0.0/0", ports: [443], protocol: "TCP" }] });
    const context = fakeContext([everywhere], add(denial));
    assert.deepEqual((await checkPolicy(context)).findings, []);
  });

  it("reports a call that the settings do not declare once, with both halves and the setting", async () => {
    const [finding, ...others] = await find(undefined, "web", "api");
    assert.deepEqual(others, []);
    assert.equal(finding?.code, "policy/blocked");
    assert.equal(finding.object, "Connection api -> web");
    assert.match(
      finding.problem,
      /declare no such call: no policy allows egress of api to web at TCP 8080 \(closed by .*production\/default-deny/,
    );
    assert.match(finding.problem, /nor ingress of web from api at TCP 8080/);
    assert.equal(
      finding.fix,
      `pulumi config set --path 'apps["api"].calls[0]' web --stack prod && pulumi up --stack prod`,
    );
  });

  it("appends to the calls that an app has", async () => {
    const [finding] = await find(undefined, "web", "web");
    assert.match(finding?.fix ?? "", /apps\["web"\]\.calls\[3\]' web/);
  });

  it("leaves a declared policy that is missing or changed to the comparison with the state", async () => {
    assert.deepEqual(await find(without("api-policy")), []);
    assert.deepEqual(await find(replaceSpec("web-policy", (spec) => ({ ...spec, egress: [{}] }))), []);
  });

  for (const [what, object, rule, half] of [
    [
      "pods",
      policy("block", namespace, {
        endpointSelector: { matchLabels: { app: "api" } },
        ingressDeny: [{ fromEndpoints: [{ matchLabels: { app: "web" } }] }],
      }),
      "CiliumNetworkPolicy production/block",
      /ingress of api from web at TCP 8080, 4143/,
    ],
    [
      "pods of any namespace",
      policy("block", undefined, { endpointSelector: {}, egressDeny: [{ toEntities: ["world"] }] }),
      "CiliumClusterwideNetworkPolicy block",
      /^drops by a deny rule.* egress of api to 203\.0\.113\.0\/24 .*egress of web to \*\.example\.org .*, and drops what no policy allows: egress of traefik\/traefik to web at/,
    ],
    [
      "probes",
      policy("block", undefined, {
        endpointSelector: { matchLabels: { app: "api" } },
        ingressDeny: [{ fromEntities: ["host"] }],
      }),
      "CiliumClusterwideNetworkPolicy block",
      /ingress of api from its node/,
    ],
  ] as const)
    it(`reports a deny rule of others against ${what} once`, async () => {
      const findings = await find(add(object));
      assert.deepEqual(
        findings.map(({ code, object: found }) => [code, found]),
        [["policy/denied", rule]],
      );
      assert.match(findings[0]?.problem ?? "", half);
      assert.match(
        findings[0]?.fix ?? "",
        /^kubectl delete cilium(clusterwide)?networkpolicy (-n production )?block$/,
      );
    });

  for (const [where, half] of [
    ["traefik", "egress of traefik/traefik to web"],
    ["traefik", "ingress of traefik/traefik from the load balancer at TCP 8000"],
    ["monitoring", undefined],
    ["linkerd", "ingress of linkerd-identity from web at TCP 8080"],
    ["kube-system", "ingress of CoreDNS from web at UDP 53"],
  ] as const)
    it(`reports a default deny of others in ${where} if it blocks ${half ?? "nothing"}`, async () => {
      const findings = await find(add(policy("closed", where, closed)));
      assert.deepEqual(
        findings.map(({ code, object }) => `${code} ${object}`),
        half === undefined ? [] : [`policy/denied CiliumNetworkPolicy ${where}/closed`],
      );
      if (half !== undefined) assert.ok(findings[0]?.problem.includes(half), findings[0]?.problem);
    });

  it("reports a deny rule that was added to a policy of the stack, and restores the policy", async () => {
    const [finding] = await find(
      replaceSpec("api-policy", (spec) => ({ ...spec, ingressDeny: [{ fromEntities: ["cluster"] }] })),
    );
    assert.equal(finding?.code, "policy/denied");
    assert.equal(
      finding.fix,
      "kubectl delete ciliumnetworkpolicy -n production api-policy && pulumi up --refresh --stack prod",
    );
  });

  it("reports an invalid policy on the path, and does not let it decide", async () => {
    const status = { conditions: [{ type: "Valid", status: "False", message: "bad selector" }] };
    const invalid = policy("broken", "traefik", closed, status);
    assert.deepEqual(await codes(add(invalid)), ["policy/invalid CiliumNetworkPolicy traefik/broken"]);
    assert.deepEqual(
      await codes(add({ ...invalid, metadata: { name: "broken", namespace: "elsewhere" } })),
      [],
    );
  });

  it("reports two causes at once", async () => {
    const deny = {
      endpointSelector: { matchLabels: { app: "api" } },
      ingressDeny: [{ toPorts: [{ ports: [{ port: "http", protocol: "TCP" }] }] }],
    };
    assert.deepEqual(
      await codes(add(policy("closed", "traefik", closed), policy("named", namespace, deny))),
      [
        "policy/denied CiliumNetworkPolicy production/named",
        "policy/denied CiliumNetworkPolicy traefik/closed",
      ].toReversed(),
    );
  });

  it("leaves an app without pods to the step about pods", async () => {
    assert.deepEqual(await find(without("api"), "web", "api"), []);
  });
});
