import assert from "node:assert/strict";
import * as path from "node:path";

import { hetzner, seedHetzner } from "../../../sandbox/clouds/hetzner";
import { Store } from "../../../sandbox/clouds/store";
import { hcloud } from "../../../sandbox/plugins/hcloud/provider";
import type { Props, FakeProvider } from "../../../sandbox/plugins/fake-provider";
import { providerSchema } from "../../fixtures/upstream";
import { faultsOf } from "../../json-schema";
import { temporary } from "../temporary";

const token = "t".repeat(64);
const endpoint = "http://127.0.0.1:1/v1";
const getLoadBalancers = "hcloud:index/getLoadBalancers:getLoadBalancers";
const folder = temporary("hcloud-functions-");

/** A provider over a cloud of its own. */
function world(): FakeProvider {
  const store = new Store(path.join(folder(), "store.json"));
  const network = { id: 4711, name: "k3s", ip_range: "10.0.0.0/16", network_zone: "eu-central" };
  const server = { id: 101, name: "node-1", labels: { cluster: "k3s" }, network: 4711 };
  seedHetzner(store, { tokens: [token], networks: [network], servers: [server] });
  const cloud = hetzner(store);
  const provider = hcloud({
    pause: 1,
    fetch: async (input, init) => {
      const request = new Request(input, init);
      const { method, headers } = request;
      return cloud.request(request.url.slice(endpoint.length), { method, headers, body: init?.body ?? null });
    },
  });
  provider.configure({ token, endpoint });
  return provider;
}

async function make(provider: FakeProvider, type: string, asked: Props): Promise<string> {
  const kind = provider.findType(`hcloud:index/${type.charAt(0).toLowerCase()}${type.slice(1)}:${type}`);
  assert.ok(kind);
  return (await kind.create(kind.withDefaults?.(asked, "edge", undefined) ?? asked, "edge")).id;
}

async function shown(provider: FakeProvider, args: Props = {}): Promise<readonly Props[]> {
  const { loadBalancers } = (await provider.invoke?.(getLoadBalancers, args)) ?? {};
  return loadBalancers as readonly Props[];
}

const named = (name: string, labels: Props = {}) => ({
  name,
  labels,
  loadBalancerType: "lb11",
  location: "fsn1",
});

/** A load balancer with one thing of every kind on it. */
async function whole(provider: FakeProvider): Promise<void> {
  const id = await make(provider, "LoadBalancer", named("k3s-lb", { team: "edge" }));
  await make(provider, "LoadBalancerNetwork", { loadBalancerId: id, networkId: 4711, ip: "10.0.0.9" });
  const target = { loadBalancerId: id, usePrivateIp: true };
  await make(provider, "LoadBalancerTarget", { ...target, type: "label_selector", labelSelector: "a=b" });
  await make(provider, "LoadBalancerTarget", { ...target, type: "server", serverId: 101 });
  const ports = { listenPort: 443, destinationPort: 30443 };
  await make(provider, "LoadBalancerService", { loadBalancerId: id, protocol: "tcp", ...ports });
}

describe("getLoadBalancers of the stand-in for the hcloud provider", () => {
  it("has none where there is none", async () => assert.deepEqual(await shown(world()), []));

  it("shows each with its addresses, its place and its targets, and no services", async () => {
    const provider = world();
    await whole(provider);
    const [first] = await shown(provider);
    assert.deepEqual(first, {
      id: 1000001,
      name: "k3s-lb",
      loadBalancerType: "lb11",
      location: "fsn1",
      networkZone: "eu-central",
      algorithms: [{ type: "round_robin" }],
      labels: { team: "edge" },
      deleteProtection: false,
      ipv4: "198.51.100.4",
      ipv6: "2001:db8:4251::1",
      networkId: 4711,
      networkIp: "10.0.0.9",
      services: [],
      targets: [
        { type: "label_selector", serverId: 0, labelSelector: "" },
        { type: "server", serverId: 101, labelSelector: "" },
      ],
    });
  });

  it("answers in the shape of the provider's schema", async () => {
    const schema = providerSchema("hcloud");
    const provider = world();
    await whole(provider);
    const answer = await provider.invoke?.(getLoadBalancers, {});
    const { outputs = {} } = schema.functions[getLoadBalancers] ?? {};
    assert.deepEqual(faultsOf(answer as never, outputs, { root: schema, closed: true }), []);
  });

  it("shows those that a selector matches", async () => {
    const provider = world();
    await make(provider, "LoadBalancer", named("a", { stage: "dev" }));
    await make(provider, "LoadBalancer", named("b", { stage: "prod" }));
    const names = async (args: Props) => (await shown(provider, args)).map(({ name }) => name);
    assert.deepEqual(await names({}), ["a", "b"]);
    assert.deepEqual(await names({ withSelector: "stage=prod" }), ["b"]);
  });

  it("reads every page", async () => {
    const provider = world();
    for (let n = 0; n < 51; n += 1) await make(provider, "LoadBalancer", named(`lb-${n}`));
    assert.equal((await shown(provider)).length, 51);
  });

  it("refuses what it does not know", async () => {
    await assert.rejects(() => shown(world(), { name: "a" }), /does not know the argument name/);
    await assert.rejects(
      async () => world().invoke?.("hcloud:index/getServers:getServers", {}),
      /has no function "hcloud:index\/getServers:getServers"/,
    );
  });
});

describe("no labels in the stand-in for the hcloud provider", () => {
  const check = (labels: object, olds?: Props) => {
    const kind = world().findType("hcloud:index/loadBalancer:LoadBalancer");
    return kind?.withDefaults?.({ ...named("a"), labels }, "a", olds);
  };

  it("are no difference to labels that were never said", () => {
    assert.equal("labels" in (check({}) ?? {}), false);
    assert.equal("labels" in (check({}, { ...named("a"), labels: undefined }) ?? {}), false);
  });

  it("take away those that were", () =>
    assert.deepEqual(check({}, { ...named("a"), labels: { team: "edge" } })?.labels, {}));
});
