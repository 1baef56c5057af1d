import * as assert from "node:assert/strict";

import type { ReadCloud } from "../../doctor/cloud-api";
import type { Context } from "../../doctor/context";
import type { Check } from "../../doctor/diagnose";
import { checkDns } from "../../doctor/steps/dns";
import { checkEdge } from "../../doctor/steps/edge";
import { checkLoadBalancer } from "../../doctor/steps/load-balancer";
import { app, fakeContext, pod, type FakeObject } from "./fake-context";

type Answers = Readonly<Record<string, unknown>>;

/** A cloud that answers each path as given, and 404 to all others. */
const cloud =
  (answers: Answers): ReadCloud =>
  (path, shape, absent) => {
    const answer = answers[path];
    if (answer === undefined && absent !== undefined) return Promise.resolve(absent);
    assert.ok(answer !== undefined, path);
    return Promise.resolve(shape.parse(answer));
  };

const resource = (type: string, id: string, inputs: Readonly<Record<string, unknown>>) => ({
  ...{ urn: `urn:pulumi:prod::p::${type}::${id}`, type, id, parent: "", outputs: {} },
  inputs,
});

const api = app("api", { routes: [{ host: "api.example.com" }] as never });

interface Clouds {
  readonly resources: readonly ReturnType<typeof resource>[];
  readonly cloudflare?: Answers;
  readonly hetzner?: Answers;
  readonly change?: (objects: readonly FakeObject[]) => readonly FakeObject[];
}

function contextOf({ resources, cloudflare = {}, hetzner = {}, change }: Clouds, url?: string): Context {
  const context = fakeContext([api], change, ...(url === undefined ? [] : [url]));
  return {
    ...context,
    stack: { ...context.stack, resources: [...context.stack.resources, ...resources] },
    cloudflare: cloud(cloudflare),
    hetzner: cloud(hetzner),
  };
}

async function assertCodes(check: Check, context: Context, ...codes: readonly string[]): Promise<void> {
  const { findings } = await check(context);
  assert.deepEqual(
    findings.map(({ code }) => code),
    codes,
    JSON.stringify(findings, undefined, 2),
  );
}

const url = "https://api.example.com/";
const record = (id: string, content: string, type = "A", proxied = true) => ({
  ...{ id, name: "api.example.com", type, content, proxied },
});
const declaredRecord = resource("cloudflare:index/dnsRecord:DnsRecord", "a", record("a", "198.51.100.5"));
const activeZone = { result: { status: "active", paused: false, name_servers: ["a.ns", "b.ns"] } };
const listPath = "/zones/0/dns_records?name=api.example.com&per_page=100";

describe("the doctor's step of DNS records", () => {
  const dns = (zone: unknown, ...records: readonly unknown[]) =>
    contextOf(
      { resources: [declaredRecord], cloudflare: { "/zones/0": zone, [listPath]: { result: records } } },
      url,
    );

  it("finds nothing wrong with the declared record, whatever else has the name", () =>
    assertCodes(checkDns, dns(activeZone, record("a", "198.51.100.5"), record("b", "x", "TXT", false))));

  for (const [zone, fix] of [
    [{ result: { status: "pending", name_servers: ["a.ns", "b.ns"] } }, /a\.ns and b\.ns/],
    [{ result: { status: "active", paused: true } }, /Enable Cloudflare/],
  ] as const)
    it(`finds an inactive zone: ${JSON.stringify(zone.result)}`, async () => {
      const { findings } = await checkDns(dns(zone, record("a", "198.51.100.5")));
      assert.equal(findings[0]?.code, "dns/zone-inactive");
      assert.match(findings[0].fix, fix);
    });

  it("finds a host without a declared record", () =>
    assertCodes(
      checkDns,
      contextOf({ resources: [], cloudflare: { "/zones/0": activeZone } }, url),
      "dns/no-record",
    ));

  it("finds the changed one of two records of a type, and not the other", () => {
    const second = resource("cloudflare:index/dnsRecord:DnsRecord", "b", record("b", "198.51.100.6"));
    const live = { result: [record("b", "198.51.100.6"), record("a", "203.0.113.1")] };
    const cloudflare = { "/zones/0": activeZone, [listPath]: live };
    const context = contextOf({ resources: [declaredRecord, second], cloudflare }, url);
    return assertCodes(checkDns, context, "dns/record-elsewhere");
  });
});

describe("the doctor's step of the Cloudflare zone", () => {
  for (const [mode, codes] of [
    ["strict", []],
    ["full", []],
    ["flexible", ["edge/ssl-mode"]],
    ["off", ["edge/ssl-mode"]],
  ] as const)
    it(`finds ${codes.join() || "nothing"} with the SSL mode ${mode} of another stack's zone`, () =>
      assertCodes(
        checkEdge,
        contextOf(
          { resources: [], cloudflare: { "/zones/0/settings/ssl": { result: { value: mode } } } },
          url,
        ),
        ...codes,
      ));
});

const balancer = {
  ...{ id: 7, name: "lb", targets: [], private_net: [{ network: 4711 }] },
  public_net: { enabled: true, ipv4: { ip: "198.51.100.5" } },
  services: [
    {
      ...{ listen_port: 443, destination_port: 30443, protocol: "tcp", proxyprotocol: true },
      health_check: { port: 30080, http: { path: "/ping" } },
    },
  ],
};
const selected = (status: string) => ({
  type: "label_selector",
  label_selector: { selector: "cluster=k3s" },
  targets: [{ server: { id: 3 }, health_status: [{ listen_port: 443, status }] }],
});
const own = [
  resource("hcloud:index/loadBalancer:LoadBalancer", "7", { name: "lb" }),
  resource("hcloud:index/loadBalancerNetwork:LoadBalancerNetwork", "7-4711", { networkId: 4711 }),
  resource("hcloud:index/loadBalancerTarget:LoadBalancerTarget", "t", { labelSelector: "cluster=k3s" }),
  resource("hcloud:index/loadBalancerService:LoadBalancerService", "7__443", {
    ...{ listenPort: 443, destinationPort: 30443, protocol: "tcp", proxyprotocol: true },
    healthCheck: { port: 30080, http: { path: "/ping" } },
  }),
];

/** A ready pod of Traefik on a node of the name of a server. */
const readyController = (objects: readonly FakeObject[]): readonly FakeObject[] => [
  ...objects,
  {
    ...pod("traefik-1", "traefik", { "app.kubernetes.io/name": "traefik" }),
    spec: { nodeName: "node-3" },
    status: { conditions: [{ type: "Ready", status: "True" }] },
  },
];

describe("the doctor's step of the load balancer", () => {
  const cases: readonly (readonly [string, unknown, readonly string[]])[] = [
    ["a healthy one", { ...balancer, targets: [selected("healthy")] }, []],
    ["an unknown health", { ...balancer, targets: [selected("unknown")] }, []],
    ["a deleted one", undefined, ["load-balancer/missing"]],
    [
      "a disabled public interface",
      { ...balancer, targets: [selected("healthy")], public_net: { enabled: false, ipv4: null } },
      ["load-balancer/not-public"],
    ],
    [
      "no server with the label",
      { ...balancer, targets: [{ ...selected("healthy"), targets: [] }] },
      ["load-balancer/no-servers"],
    ],
    [
      "an unhealthy node with a ready controller",
      { ...balancer, targets: [selected("unhealthy")] },
      ["load-balancer/target-unhealthy"],
    ],
    [
      "a health check of another port",
      {
        ...balancer,
        targets: [selected("healthy")],
        services: [{ ...balancer.services[0], health_check: { port: 30081, http: { path: "/ping" } } }],
      },
      ["load-balancer/listener-changed"],
    ],
    [
      "everything at once",
      { ...balancer, private_net: [], services: [] },
      ["load-balancer/no-network", "load-balancer/no-listener", "load-balancer/no-target"],
    ],
  ];
  const server = { "/servers/3": { server: { name: "node-3" } } };
  for (const [name, live, codes] of cases)
    it(`finds ${codes.join(", ") || "nothing"} with ${name}`, () => {
      const hetzner = { ...server, "/load_balancers/7": live && { load_balancer: live } };
      return assertCodes(
        checkLoadBalancer,
        contextOf({ resources: own, hetzner, change: readyController }),
        ...codes,
      );
    });

  it("finds nothing with an unhealthy node without a controller", () => {
    const live = { load_balancer: { ...balancer, targets: [selected("unhealthy")] } };
    const hetzner = { ...server, "/load_balancers/7": live };
    return assertCodes(checkLoadBalancer, contextOf({ resources: own, hetzner }));
  });

  it("looks for the one that the cloud controller manager's Service names", () => {
    const service: FakeObject = {
      ...{ apiVersion: "v1", kind: "Service" },
      metadata: {
        name: "lb",
        namespace: "traefik",
        annotations: { "load-balancer.hetzner.cloud/name": "lb" },
      },
      spec: { type: "LoadBalancer" },
    };
    const hetzner = { "/load_balancers?name=lb": { load_balancers: [] } };
    const change = (objects: readonly FakeObject[]) => [...objects, service];
    return assertCodes(
      checkLoadBalancer,
      contextOf({ resources: [], hetzner, change }),
      "load-balancer/missing",
    );
  });
});
