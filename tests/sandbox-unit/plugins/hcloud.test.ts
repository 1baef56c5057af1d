import assert from "node:assert/strict";
import * as path from "node:path";

import { hetzner, seedHetzner } from "../../../sandbox/clouds/hetzner";
import { Store } from "../../../sandbox/clouds/store";
import { hcloud } from "../../../sandbox/plugins/hcloud/provider";
import {
  NotReady,
  UNKNOWN,
  type FakeProvider,
  type ResourceType,
  type ReadResult,
  type Props,
} from "../../../sandbox/plugins/fake-provider";
import { providerSchema } from "../../fixtures/upstream";
import { faultsOf } from "../../json-schema";
import { temporary } from "../temporary";

const token = "t".repeat(64);
const endpoint = "http://127.0.0.1:1/v1";
const tokenOf = (type: string) => `hcloud:index/${type.charAt(0).toLowerCase()}${type.slice(1)}:${type}`;

interface Created {
  readonly id: string;
  readonly last: ReadResult;
}

const balancer = {
  name: "k3s-lb",
  loadBalancerType: "lb11",
  location: "fsn1",
  algorithm: { type: "round_robin" },
  labels: { team: "edge" },
  deleteProtection: false,
};
const check = { protocol: "tcp", port: 30443, interval: 15, timeout: 10, retries: 3 };
const service = {
  loadBalancerId: "1000001",
  protocol: "tcp",
  listenPort: 443,
  destinationPort: 30443,
  proxyprotocol: true,
  healthCheck: check,
};
const http = { path: "/ping", domain: "", statusCodes: ["200"], response: "", tls: false };
const attachment = { loadBalancerId: 1000001, networkId: 4711 };
const selected = {
  loadBalancerId: 1000001,
  type: "label_selector",
  labelSelector: "cluster=dev",
  usePrivateIp: true,
};
const oneServer = { loadBalancerId: 1000001, type: "server", serverId: 101, usePrivateIp: true };
const reverse = { loadBalancerId: 1000001, ipAddress: "2001:db8:4251::1", dnsPtr: "lb.example.com" };

describe("The stand-in for the hcloud provider", () => {
  const folder = temporary("hcloud-");
  let provider: FakeProvider;
  /** The requests of a test, as `<method> <path>`. */
  let calls: string[];
  /** Answers in the cloud's place. */
  let interfere: (path: string) => Response | Promise<Response> | undefined;

  beforeEach(() => {
    [calls, interfere] = [[], () => undefined];
    const store = new Store(path.join(folder(), "store.json"));
    const servers = [{ id: 101, name: "dev-1", labels: { cluster: "dev" }, network: 4711 }];
    const network = { id: 4711, name: "k3s-dev", ip_range: "10.0.0.0/16", network_zone: "eu-central" };
    const networks = [network, { ...network, id: 4712, name: "other", ip_range: "10.9.0.0/16" }];
    seedHetzner(store, { tokens: [token], networks, servers });
    const cloud = hetzner(store);
    provider = hcloud(async (input, init) => {
      const { method, url, headers } = new Request(input, init);
      const to = url.slice(endpoint.length);
      calls.push(`${method} ${to}`);
      return (await interfere(to)) ?? cloud.request(to, { method, headers, body: init?.body ?? null });
    });
    provider.configure({ token, endpoint: `${endpoint}/` });
  });

  const typeOf = (type: string): ResourceType => provider.findType(tokenOf(type)) ?? assert.fail(type);
  const withDefaults = (type: string, inputs: Props, olds?: Props): Props =>
    typeOf(type).withDefaults?.(inputs, "edge", olds) ?? inputs;
  const faults = (type: string, inputs: Props) =>
    (typeOf(type).validate?.(withDefaults(type, inputs)) ?? []).map(({ property }) => property);
  const create = async (type: string, given: Props): Promise<Created> => {
    const inputs = withDefaults(type, given);
    assert.deepEqual(faults(type, given), []);
    const { id, outputs } = await typeOf(type).create(inputs, "edge");
    return { id, last: { inputs, outputs: { ...inputs, ...outputs } } };
  };
  const read = async (type: string, { id, last }: Created) => (await typeOf(type).read(id, last))?.inputs;
  /** As the engine does it: the inputs that the import found are the last ones of the program's. */
  const assertImports = async (type: string, id: string, program: Props) => {
    const found = await typeOf(type).read(id, { inputs: {}, outputs: {} });
    assert.ok(found, `${type} ${id} does not exist`);
    assert.deepEqual(withDefaults(type, program, found.inputs), found.inputs);
  };

  const types: readonly (readonly [type: string, inputs: Props, id: RegExp, importId?: string])[] = [
    ["LoadBalancer", balancer, /^1000001$/],
    ["LoadBalancerNetwork", attachment, /^1000001-4711$/],
    ["LoadBalancerNetwork", { ...attachment, ip: "10.0.5.5" }, /^1000001-4711$/],
    ["LoadBalancerService", service, /^1000001__443$/],
    [
      "LoadBalancerService",
      { ...service, protocol: "http", healthCheck: { ...check, protocol: "http", http } },
      /^1000001__443$/,
    ],
    [
      "LoadBalancerTarget",
      selected,
      /^lb-label-selector-tgt-[0-9a-f]{64}-1000001$/,
      "1000001__label_selector__cluster=dev",
    ],
    ["LoadBalancerTarget", oneServer, /^lb-srv-tgt-101-1000001$/, "1000001__server__101"],
    ["Rdns", reverse, /^l-1000001-2001:db8:4251::1$/],
  ];
  for (const [type, inputs, id, importId] of types)
    it(`creates, reads, imports and deletes ${type} ${JSON.stringify(inputs)}`, async () => {
      if (type !== "LoadBalancer") await create("LoadBalancer", balancer);
      if (type === "LoadBalancerTarget") await create("LoadBalancerNetwork", attachment);
      const created = await create(type, inputs);
      assert.match(created.id, id);
      assert.deepEqual(await read(type, created), created.last.inputs);
      await assertImports(type, created.id, inputs);
      if (importId !== undefined) await assertImports(type, importId, inputs);
      await typeOf(type).delete(created.id, created.last);
      await typeOf(type).delete(created.id, created.last);
      assert.equal(await read(type, created), undefined);
    });

  describe("LoadBalancer", () => {
    it("is updated by the calls that the difference needs, and finds drift", async () => {
      const created = await create("LoadBalancer", balancer);
      const update = async (more: Props) => {
        calls.length = 0;
        await typeOf("LoadBalancer").update(created.id, { ...created.last.inputs, ...more }, created.last);
        return calls.filter((call) => !call.startsWith("GET")).map((call) => call.replace(/\S*\//, ""));
      };
      assert.deepEqual(await update({}), []);
      assert.deepEqual(await update({ loadBalancerType: "lb21" }), ["POST change_type"]);
      const changes = {
        ...{ name: "back", algorithm: { type: "least_connections" }, labels: {}, deleteProtection: true },
      };
      assert.deepEqual(await update(changes), [
        ...["PUT 1000001", "POST change_type", "POST change_algorithm", "PUT 1000001"],
        "POST change_protection",
      ]);
      assert.deepEqual(await read("LoadBalancer", created), { ...created.last.inputs, ...changes });
    });

    it("is not deleted while it is protected", async () => {
      const { id, last } = await create("LoadBalancer", { ...balancer, deleteProtection: true });
      await assert.rejects(
        () => typeOf("LoadBalancer").delete(id, last),
        /DELETE .*\/load_balancers\/1000001: load_balancer deletion is protected \(protected\)/,
      );
    });

    it("stays in the state if it is created but not complete", async () => {
      interfere = (to) =>
        to.endsWith("change_protection") ? new Response("{}", { status: 500 }) : undefined;
      const inputs = { ...balancer, deleteProtection: true };
      const error = await typeOf("LoadBalancer")
        .create(inputs, "edge")
        .catch((reason: unknown) => reason);
      assert.ok(error instanceof NotReady);
      interfere = () => undefined;
      const outputs = await typeOf("LoadBalancer").update(error.id, inputs, { inputs: {}, outputs: {} });
      assert.deepEqual([outputs.deleteProtection, outputs.ipv4], [true, "198.51.100.4"]);
    });
  });

  it("takes an attachment to the same network for its own, but not one to another", async () => {
    await create("LoadBalancer", balancer);
    const first = await create("LoadBalancerNetwork", attachment);
    assert.equal((await create("LoadBalancerNetwork", attachment)).id, first.id);
    await assert.rejects(
      create("LoadBalancerNetwork", { ...attachment, networkId: 4712 }),
      /load_balancer_already_attached/,
    );
  });

  describe("LoadBalancerService", () => {
    let created: Created;
    beforeEach(async () => {
      await create("LoadBalancer", balancer);
      created = await create("LoadBalancerService", service);
    });
    const update = (changes: Props, last = created.last) =>
      typeOf("LoadBalancerService").update(created.id, { ...created.last.inputs, ...changes }, last);

    it("changes check, destination port and PROXY protocol in place", async () => {
      const changes = {
        healthCheck: { ...check, interval: 20 },
        proxyprotocol: false,
        destinationPort: 31443,
      };
      assert.deepEqual(await update(changes), { ...service, ...changes });
    });

    it("is checked by HTTP in place of TCP, and not by TCP again: the old http block is sent along", async () => {
      const asked = { healthCheck: { ...check, protocol: "http", port: 30080, http } };
      const outputs = await update(asked);
      assert.deepEqual(outputs.healthCheck, asked.healthCheck);
      await assert.rejects(
        update({}, { inputs: created.last.inputs, outputs }),
        /update_service: .*'health_check\.http': only for protocol http or https/,
      );
    });

    it("stays in the state if the cloud does not answer a refresh", async () => {
      for (const [answer, message] of [
        [() => new Response("cut", { status: 200 }), /GET .*1000001/],
        [() => new Response("", { status: 502 }), /GET .*1000001/],
        [
          () => Promise.reject(new TypeError("fetch failed", { cause: new Error("ECONNREFUSED") })),
          /no answer: ECONNREFUSED/,
        ],
      ] as const) {
        interfere = answer;
        await assert.rejects(read("LoadBalancerService", created), message);
      }
    });
  });

  it("gives a new reverse name in place", async () => {
    await create("LoadBalancer", balancer);
    const created = await create("Rdns", reverse);
    const changed = { ...reverse, dnsPtr: "edge.example.com" };
    await typeOf("Rdns").update(created.id, changed, created.last);
    assert.deepEqual(await read("Rdns", created), changed);
  });

  it("replaces where the real provider does", () => {
    const replaceOn = Object.fromEntries(types.map(([type]) => [type, [...typeOf(type).replaceOn].sort()]));
    assert.deepEqual(replaceOn, {
      LoadBalancer: ["location", "networkZone"],
      LoadBalancerNetwork: ["ip", "loadBalancerId", "networkId"],
      LoadBalancerService: ["listenPort", "loadBalancerId", "protocol"],
      LoadBalancerTarget: ["ip", "labelSelector", "loadBalancerId", "serverId"],
      Rdns: ["ipAddress", "loadBalancerId"],
    });
  });

  const refused: readonly (readonly [type: string, inputs: Props, property?: string])[] = [
    ["LoadBalancer", { ...balancer, labels: UNKNOWN }],
    ["LoadBalancer", { ...balancer, labels: { a: UNKNOWN } }],
    ["LoadBalancerService", { ...service, loadBalancerId: UNKNOWN }],
    ["LoadBalancerService", { ...service, healthCheck: { ...check, port: UNKNOWN } }],
    ["LoadBalancerTarget", { ...selected, loadBalancerId: UNKNOWN, labelSelector: UNKNOWN }],
    ["Rdns", { loadBalancerId: UNKNOWN, ipAddress: UNKNOWN, dnsPtr: "a.b" }],
    ["LoadBalancer", { algorithm: { type: "random" } }, "algorithm.type"],
    ["LoadBalancer", { algorithm: { type: "round_robin", kind: "x" } }, "algorithm.kind"],
    ["LoadBalancer", { labels: { "-a": "b" } }, "labels"],
    ["LoadBalancer", { labels: { a: "b c" } }, "labels"],
    ["LoadBalancer", { loadBalancerType: 5 }, "loadBalancerType"],
    ["LoadBalancerNetwork", { ...attachment, enablePublicInterface: false }, "enablePublicInterface"],
    ["LoadBalancerService", { healthCheck: { ...check, intervall: 3 } }, "healthCheck.intervall"],
    ["LoadBalancerService", { healthCheck: { protocol: "tcp", port: UNKNOWN } }, "healthCheck.interval"],
    ["LoadBalancerService", { protocol: "udp" }, "protocol"],
    ["LoadBalancerTarget", { type: "labelSelector", labelSelector: "a" }, "type"],
    ["LoadBalancerTarget", { type: "server" }, "type"],
    ["LoadBalancerTarget", { ...selected, type: "server" }, "serverId"],
    ["LoadBalancerTarget", { ...selected, usePrivateIp: undefined }, "usePrivateIp"],
    ["LoadBalancerTarget", { type: "ip", ip: "192.0.2.1", usePrivateIp: true }, "usePrivateIp"],
    ["Rdns", { ipAddress: "here", dnsPtr: "a" }, "ipAddress"],
  ];
  for (const [type, inputs, property] of refused)
    it(`refuses ${type} ${JSON.stringify(inputs).slice(0, 90)} at ${property ?? "nothing"}`, () => {
      const found = faults(type, inputs);
      assert.ok(property === undefined ? found.length === 0 : found.includes(property), found.join());
    });

  it("checks token and endpoint before any call", () => {
    const reasons = (args: Props) => (provider.checkConfig?.(args) ?? []).map(({ reason }) => reason).join();
    assert.equal(reasons({ token, endpoint, version: "1.41.0" }), "");
    assert.equal(reasons({ token: UNKNOWN, endpoint: UNKNOWN }), "");
    assert.match(reasons({ token: "short", endpoint }), /must be exactly 64 characters long/);
    assert.match(reasons({ token, endpoint: "https://api.hetzner.cloud/v1" }), /sandbox's http:/);
    assert.match(reasons({ token, endpoint, pollInterval: "1s" }), /does not know/);
    assert.throws(() => provider.configure({ token: "short", endpoint }), /64 characters/);
  });

  describe("getLoadBalancers", () => {
    const getLoadBalancers = "hcloud:index/getLoadBalancers:getLoadBalancers";
    const list = async () => (await provider.invoke?.(getLoadBalancers, {})) ?? {};

    it("lists each with its addresses, location and targets, in the shape of the provider's schema", async () => {
      assert.deepEqual((await list()).loadBalancers, []);
      await create("LoadBalancer", balancer);
      await create("LoadBalancerNetwork", { ...attachment, ip: "10.0.0.9" });
      await create("LoadBalancerTarget", selected);
      await create("LoadBalancerTarget", oneServer);
      const answer = await list();
      const { algorithm, ...common } = balancer;
      assert.deepEqual(answer.loadBalancers, [
        {
          ...common,
          id: 1000001,
          networkZone: "eu-central",
          algorithms: [algorithm],
          ipv4: "198.51.100.4",
          ipv6: "2001:db8:4251::1",
          networkId: 4711,
          networkIp: "10.0.0.9",
          services: [],
          targets: [
            { type: "label_selector", serverId: 0, labelSelector: "" },
            { type: "server", serverId: 101, labelSelector: "" },
          ],
        },
      ]);
      const schema = providerSchema("hcloud");
      const { outputs = {} } = schema.functions[getLoadBalancers] ?? {};
      assert.deepEqual(faultsOf(answer as never, outputs, { root: schema, closed: true }), []);
    });

    it("reads every page", async () => {
      for (let n = 0; n < 51; n += 1) await create("LoadBalancer", { ...balancer, name: `lb-${n}` });
      const all = (await list()).loadBalancers as readonly Props[];
      assert.deepEqual([all.length, all[0]?.networkId, all[0]?.networkIp], [51, 0, ""]);
    });

    it("refuses other arguments and functions", async () => {
      await assert.rejects(async () => provider.invoke?.(getLoadBalancers, { sort: "id" }), /argument sort/);
      await assert.rejects(
        async () => provider.invoke?.("hcloud:index/getNetworks:getNetworks", {}),
        /getNetworks/,
      );
    });
  });

  it("lists servers with their addresses and firewalls", async () => {
    const { servers } = (await provider.invoke?.("hcloud:index/getServers:getServers", {})) ?? {};
    const [first] = servers as readonly Props[];
    const { ipv4Address, firewallIds, networks } = first ?? {};
    assert.deepEqual(
      [ipv4Address, firewallIds, networks],
      ["192.0.2.1", [], [{ ip: "10.0.0.2", networkId: 4711 }]],
    );
  });
});
