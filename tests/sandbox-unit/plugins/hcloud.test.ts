import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { hetzner, seedHetzner } from "../../../sandbox/clouds/hetzner";
import { Store } from "../../../sandbox/clouds/store";
import { hcloud } from "../../../sandbox/plugins/hcloud/provider";
import {
  NotReady,
  UNKNOWN,
  type ResourceType,
  type ReadResult,
  type Props,
} from "../../../sandbox/plugins/fake-provider";

const TOKEN = "t".repeat(64);
const ENDPOINT = "http://127.0.0.1:1/v1";
const NOTHING: ReadResult = { inputs: {}, outputs: {} };

const tokenOf = (type: string) => `hcloud:index/${type.charAt(0).toLowerCase()}${type.slice(1)}:${type}`;

/** A request as the cloud sees it. */
interface Call {
  readonly method: string;
  readonly to: string;
}

/** A provider over a fresh cloud in this process. `interfere` may answer in the cloud's place. */
class World {
  readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), "hcloud-"));
  readonly calls: Call[] = [];
  readonly provider;
  interfere: (call: Call) => Response | Promise<Response> | undefined = () => undefined;

  constructor() {
    const store = new Store(path.join(this.folder, "store.json"));
    const server = { id: 101, name: "dev-1", labels: { cluster: "dev" }, network: 4711 };
    const network = { id: 4711, name: "k3s-dev", ip_range: "10.0.0.0/16", network_zone: "eu-central" };
    const other = { id: 4712, name: "other", ip_range: "10.9.0.0/16", network_zone: "eu-central" };
    seedHetzner(store, { tokens: [TOKEN], networks: [network, other], servers: [server] });
    const cloud = hetzner(store);
    this.provider = hcloud({
      pause: 1,
      fetch: async (input, init) => {
        const request = new Request(input, init);
        const call = { method: request.method, to: request.url.slice(ENDPOINT.length) };
        this.calls.push(call);
        return (
          (await this.interfere(call)) ??
          cloud.request(call.to, { method: call.method, headers: request.headers, body: init?.body ?? null })
        );
      },
    });
    this.provider.configure({ token: TOKEN, endpoint: `${ENDPOINT}/` });
  }

  kind(type: string): ResourceType {
    return this.provider.findType(tokenOf(type)) ?? assert.fail(`no ${type}`);
  }

  check(type: string, inputs: Props, olds?: Props): Props {
    return this.kind(type).withDefaults?.(inputs, "edge", olds) ?? inputs;
  }

  faults(type: string, inputs: Props): string[] {
    return (this.kind(type).validate?.(this.check(type, inputs)) ?? []).map(({ property }) => property);
  }

  async make(type: string, asked: Props): Promise<{ id: string; last: ReadResult }> {
    const inputs = this.check(type, asked);
    assert.deepEqual(this.faults(type, asked), []);
    const { id, outputs } = await this.kind(type).create(inputs, "edge");
    return { id, last: { inputs, outputs: { ...inputs, ...outputs } } };
  }

  async loadBalancer(more: Props = {}): Promise<{ id: string; last: ReadResult }> {
    return this.make("LoadBalancer", { loadBalancerType: "lb11", location: "fsn1", ...more });
  }

  /** As the engine does it: what the import found are the last inputs of the program's. */
  async imports(type: string, id: string, program: Props): Promise<void> {
    const found = await this.kind(type).read(id, NOTHING);
    assert.ok(found, `${type} ${id} is not there`);
    assert.deepEqual(this.check(type, program, found.inputs), found.inputs);
  }

  async commands(during: () => Promise<unknown>): Promise<string[]> {
    this.calls.length = 0;
    await during();
    const changes = this.calls.filter(({ method }) => method !== "GET");
    return changes.map(({ method, to }) => (method === "POST" ? to.replace(/.*\//, "") : method));
  }
}

const SERVICE = {
  protocol: "tcp",
  listenPort: 443,
  destinationPort: 30443,
  proxyprotocol: true,
  healthCheck: { protocol: "tcp", port: 30443, interval: 15, timeout: 10, retries: 3 },
};

describe("the stand-in for the hcloud provider", () => {
  let world: World;

  beforeEach(() => {
    world = new World();
  });
  afterEach(() => fs.rmSync(world.folder, { recursive: true }));

  describe("LoadBalancer", () => {
    it("is made with its addresses, under a generated name that it keeps", async () => {
      const { last } = await world.loadBalancer({ labels: { stack: "dev" } });
      const { name, ipv4, ipv6, networkZone, algorithm, deleteProtection } = last.outputs;
      assert.match(String(name), /^edge-[0-9a-f]{7}$/);
      assert.equal(ipv4, "198.51.100.4");
      assert.equal(ipv6, "2001:db8:4251::1");
      assert.equal(networkZone, "eu-central");
      assert.deepEqual(algorithm, { type: "round_robin" });
      assert.equal(deleteProtection, false);
      const again = world.check("LoadBalancer", { loadBalancerType: "lb11", location: "fsn1" }, last.inputs);
      assert.equal(again.name, name);
      assert.notEqual(world.check("LoadBalancer", {}).name, name);
    });

    it("reads back what was said, and finds drift", async () => {
      const { id, last } = await world.loadBalancer({ labels: { stack: "dev" } });
      const kind = world.kind("LoadBalancer");
      assert.deepEqual((await kind.read(id, last))?.inputs, last.inputs);
      await kind.update(id, { ...last.inputs, labels: { stack: "other" } }, last);
      assert.deepEqual((await kind.read(id, last))?.inputs.labels, { stack: "other" });
    });

    it("changes in place by the calls that the difference needs", async () => {
      const { id, last } = await world.loadBalancer({ name: "front" });
      const update = (more: Props) =>
        world.commands(() => world.kind("LoadBalancer").update(id, { ...last.inputs, ...more }, last));
      assert.deepEqual(await update({}), []);
      assert.deepEqual(await update({ loadBalancerType: "lb21" }), ["change_type"]);
      assert.deepEqual(await update({ loadBalancerType: "lb21", labels: { a: "b" } }), ["PUT"]);
      const rest = { name: "back", algorithm: { type: "least_connections" }, deleteProtection: true };
      assert.deepEqual(await update(rest), ["PUT", "change_type", "change_algorithm", "change_protection"]);
    });

    it("is not deleted while it is protected, and is gone when it is gone", async () => {
      const { id, last } = await world.loadBalancer({ deleteProtection: "true" });
      const kind = world.kind("LoadBalancer");
      assert.equal(last.outputs.deleteProtection, true);
      await assert.rejects(
        () => kind.delete(id, last),
        /DELETE .*\/load_balancers\/1000001: load_balancer deletion is protected \(protected\)/,
      );
      await kind.update(id, { ...last.inputs, deleteProtection: false }, last);
      await kind.delete(id, last);
      await kind.delete(id, last);
      assert.equal(await kind.read(id, last), undefined);
    });

    it("is imported by its number", async () => {
      const { id } = await world.loadBalancer({ name: "edge", labels: { a: "b" } });
      await world.imports("LoadBalancer", id, { loadBalancerType: "lb11", location: "fsn1", name: "edge" });
      await world.imports("LoadBalancer", id, { loadBalancerType: "lb11", networkZone: "eu-central" });
    });

    it("is deleted before its replacement when the program named it", () => {
      const { deleteBeforeReplace } = world.kind("LoadBalancer");
      assert.equal(deleteBeforeReplace?.({ name: "edge" }, {}), true);
      assert.equal(deleteBeforeReplace(world.check("LoadBalancer", {}), {}), false);
    });

    it("stays in the state when it is made but not finished", async () => {
      world.interfere = ({ to }) =>
        to.endsWith("change_protection") ? new Response("{}", { status: 500 }) : undefined;
      const asked = { loadBalancerType: "lb11", location: "fsn1", deleteProtection: true };
      const inputs = world.check("LoadBalancer", asked);
      const error = await world
        .kind("LoadBalancer")
        .create(inputs, "edge")
        .then(() => assert.fail("was made"))
        .catch((reason: unknown) => reason);
      assert.ok(error instanceof NotReady);
      assert.equal(error.id, "1000001");

      world.interfere = () => undefined;
      const outputs = await world.kind("LoadBalancer").update(error.id, inputs, NOTHING);
      assert.deepEqual([outputs.deleteProtection, outputs.ipv4], [true, "198.51.100.4"]);
    });
  });

  describe("LoadBalancerNetwork", () => {
    const attach = async (more: Props = {}) => {
      const lb = await world.loadBalancer();
      return world.make("LoadBalancerNetwork", { loadBalancerId: lb.id, networkId: 4711, ...more });
    };

    it("attaches by network and is imported by both numbers", async () => {
      const { id, last } = await attach();
      assert.equal(id, "1000001-4711");
      assert.equal(last.outputs.ip, "10.0.0.3");
      assert.deepEqual((await world.kind("LoadBalancerNetwork").read(id, last))?.inputs, last.inputs);
      await world.imports("LoadBalancerNetwork", id, { loadBalancerId: 1000001, networkId: 4711 });
    });

    it("attaches by subnet, with the asked address", async () => {
      const { id, last } = await attach({
        networkId: undefined,
        subnetId: "4711-10.0.0.0/16",
        ip: "10.0.5.5",
      });
      assert.deepEqual([id, last.outputs.ip, last.outputs.networkId], ["1000001-4711", "10.0.5.5", 4711]);
      const found = await world.kind("LoadBalancerNetwork").read(id, last);
      assert.equal(found?.inputs.subnetId, "4711-10.0.0.0/16");
    });

    it("takes an attachment that is already there for its own, but not one elsewhere", async () => {
      const { id, last } = await attach();
      const again = await world.kind("LoadBalancerNetwork").create(last.inputs, "edge");
      assert.equal(again.id, id);
      const elsewhere = { ...last.inputs, networkId: 4712 };
      await assert.rejects(
        () => world.kind("LoadBalancerNetwork").create(elsewhere, "edge"),
        /load_balancer_already_attached/,
      );
    });

    it("switches the public interface in place, and detaches", async () => {
      const { id, last } = await attach();
      const kind = world.kind("LoadBalancerNetwork");
      const outputs = await kind.update(id, { ...last.inputs, enablePublicInterface: false }, last);
      assert.equal(outputs.enablePublicInterface, false);
      await kind.delete(id, last);
      await kind.delete(id, last);
      assert.equal(await kind.read(id, last), undefined);
    });
  });

  describe("LoadBalancerService", () => {
    const serve = async (more: Props = {}) => {
      const lb = await world.loadBalancer();
      return world.make("LoadBalancerService", { loadBalancerId: Number(lb.id), ...SERVICE, ...more });
    };

    it("is made, read and imported by load balancer and port", async () => {
      const { id, last } = await serve();
      assert.equal(id, "1000001__443");
      assert.equal(last.outputs.loadBalancerId, "1000001");
      assert.deepEqual((await world.kind("LoadBalancerService").read(id, last))?.inputs, last.inputs);
      await world.imports("LoadBalancerService", id, { loadBalancerId: "1000001", ...SERVICE });
      const bare = { loadBalancerId: "1000001", protocol: "tcp", listenPort: 443, destinationPort: 30443 };
      await world.imports("LoadBalancerService", id, bare);
    });

    it("listens on the protocol's port by itself", async () => {
      const lb = await world.loadBalancer();
      const http = { stickySessions: true };
      const asked = { loadBalancerId: lb.id, protocol: "http", http };
      const { id, last } = await world.make("LoadBalancerService", asked);
      assert.equal(id, "1000001__80");
      assert.deepEqual((await world.kind("LoadBalancerService").read(id, last))?.inputs.http, http);
    });

    it("is checked by HTTP in place of TCP, and not by TCP again: the old http block is sent along", async () => {
      const { id, last } = await serve();
      const kind = world.kind("LoadBalancerService");
      const http = { path: "/ping", domain: "", statusCodes: ["200"], response: "", tls: false };
      const asked = {
        ...last.inputs,
        healthCheck: { ...SERVICE.healthCheck, protocol: "http", port: 30080, http },
      };
      const outputs = await kind.update(id, asked, last);
      assert.deepEqual(outputs.healthCheck, asked.healthCheck);
      const now = { inputs: asked, outputs: { ...asked, ...outputs } };
      await assert.rejects(
        () => kind.update(id, last.inputs, now),
        /update_service: .*'health_check\.http': only for protocol http or https/,
      );
      const healthCheck = { ...SERVICE.healthCheck, protocol: "http", port: 30080, interval: 20 };
      const kept = await kind.update(id, { ...last.inputs, healthCheck }, now);
      assert.deepEqual(kept.healthCheck, { ...asked.healthCheck, interval: 20 });
    });

    it("changes check, port behind and PROXY protocol in place, and goes", async () => {
      const { id, last } = await serve();
      const kind = world.kind("LoadBalancerService");
      const healthCheck = { ...SERVICE.healthCheck, interval: 20 };
      const outputs = await kind.update(
        id,
        { ...last.inputs, healthCheck, proxyprotocol: false, destinationPort: 31443 },
        last,
      );
      assert.deepEqual(
        [outputs.healthCheck, outputs.proxyprotocol, outputs.destinationPort],
        [healthCheck, false, 31443],
      );
      await kind.delete(id, last);
      await kind.delete(id, last);
      assert.equal(await kind.read(id, last), undefined);
    });

    it("says which port is taken", async () => {
      const { last } = await serve();
      await assert.rejects(
        () => world.kind("LoadBalancerService").create(last.inputs, "edge"),
        /POST .*\/add_service: source port 443 is already in use \(source_port_already_used\)/,
      );
    });

    it("stays in the state when the cloud does not answer a refresh", async () => {
      const { id, last } = await serve();
      for (const answer of [
        () => new Response("cut", { status: 200 }),
        () => new Response("", { status: 502 }),
      ]) {
        world.interfere = answer;
        await assert.rejects(async () => world.kind("LoadBalancerService").read(id, last), /GET .*1000001/);
      }
      world.interfere = () =>
        Promise.reject(new TypeError("fetch failed", { cause: new Error("ECONNREFUSED") }));
      await assert.rejects(
        async () => world.kind("LoadBalancerService").read(id, last),
        /no answer: ECONNREFUSED/,
      );
    });
  });

  describe("LoadBalancerTarget", () => {
    const balance = async (more: Props): Promise<{ id: string; last: ReadResult }> => {
      const lb = await world.loadBalancer();
      await world.make("LoadBalancerNetwork", { loadBalancerId: lb.id, networkId: 4711 });
      return world.make("LoadBalancerTarget", { loadBalancerId: Number(lb.id), ...more });
    };
    const selected = { type: "label_selector", labelSelector: "cluster=dev", usePrivateIp: true };

    it("has the provider's id and is imported by its own spelling", async () => {
      const { id, last } = await balance(selected);
      assert.match(id, /^lb-label-selector-tgt-[0-9a-f]{64}-1000001$/);
      const kind = world.kind("LoadBalancerTarget");
      assert.deepEqual((await kind.read(id, last))?.inputs, last.inputs);
      const program = { loadBalancerId: 1000001, ...selected };
      await world.imports("LoadBalancerTarget", "1000001__label_selector__cluster=dev", program);
      await world.imports("LoadBalancerTarget", id, program);
    });

    it("knows servers too", async () => {
      const { id } = await balance({ type: "server", serverId: 101, usePrivateIp: true });
      assert.equal(id, "lb-srv-tgt-101-1000001");
      const program = { loadBalancerId: 1000001, type: "server", serverId: 101, usePrivateIp: true };
      await world.imports("LoadBalancerTarget", "1000001__server__101", program);
    });

    it("is removed and added when its address changes", async () => {
      const { id, last } = await balance(selected);
      const kind = world.kind("LoadBalancerTarget");
      const change = () => kind.update(id, { ...last.inputs, usePrivateIp: false }, last);
      assert.deepEqual(await world.commands(change), ["remove_target", "add_target"]);
      assert.equal((await kind.read(id, last))?.inputs.usePrivateIp, false);
      await kind.delete(id, last);
      await kind.delete(id, last);
      assert.equal(await kind.read(id, last), undefined);
    });

    it("fails when the load balancer is in no network", async () => {
      const lb = await world.loadBalancer();
      await assert.rejects(
        () => world.make("LoadBalancerTarget", { loadBalancerId: Number(lb.id), ...selected }),
        /load_balancer_not_attached_to_network/,
      );
    });
  });

  describe("Rdns", () => {
    it("names an address and gives the name back", async () => {
      const lb = await world.loadBalancer();
      const { ipv6 } = lb.last.outputs;
      const asked = { loadBalancerId: Number(lb.id), ipAddress: ipv6, dnsPtr: "lb.example.com" };
      const { id, last } = await world.make("Rdns", asked);
      assert.equal(id, `l-1000001-${String(ipv6)}`);
      await world.imports("Rdns", id, asked);
      const kind = world.kind("Rdns");
      await kind.update(id, { ...asked, dnsPtr: "edge.example.com" }, last);
      assert.equal((await kind.read(id, last))?.inputs.dnsPtr, "edge.example.com");
      await kind.delete(id, last);
      assert.equal(await kind.read(id, last), undefined);
    });
  });

  it("replaces where the real provider does", () => {
    const replaceOn = (type: string) => [...world.kind(type).replaceOn].sort();
    assert.deepEqual(replaceOn("LoadBalancer"), ["location", "networkZone"]);
    assert.deepEqual(replaceOn("LoadBalancerNetwork"), ["ip", "loadBalancerId", "networkId", "subnetId"]);
    assert.deepEqual(replaceOn("LoadBalancerService"), ["listenPort", "loadBalancerId", "protocol"]);
    assert.deepEqual(replaceOn("LoadBalancerTarget"), ["ip", "labelSelector", "loadBalancerId", "serverId"]);
    assert.deepEqual(replaceOn("Rdns"), ["ipAddress", "loadBalancerId"]);
  });

  const refused: [type: string, inputs: Props, property: string][] = [
    ["LoadBalancer", { algorithm: { type: "random" } }, "algorithm.type"],
    ["LoadBalancer", { algorithm: { kind: "x" } }, "algorithm.kind"],
    ["LoadBalancer", { labels: { "-a": "b" } }, "labels"],
    ["LoadBalancer", { loadBalancerType: 5 }, "loadBalancerType"],
    ["LoadBalancerNetwork", { loadBalancerId: 1 }, "networkId"],
    ["LoadBalancerNetwork", { loadBalancerId: 1, networkId: 1, subnetId: UNKNOWN }, "networkId"],
    [
      "LoadBalancerService",
      { healthCheck: { ...SERVICE.healthCheck, intervall: 3 } },
      "healthCheck.intervall",
    ],
    ["LoadBalancerService", { healthCheck: { protocol: "tcp", port: UNKNOWN } }, "healthCheck.interval"],
    ["LoadBalancerService", { protocol: "udp" }, "protocol"],
    ["LoadBalancerTarget", { type: "labelSelector", labelSelector: "a" }, "type"],
    ["LoadBalancerTarget", { type: "server" }, "type"],
    ["LoadBalancerTarget", { type: "server", labelSelector: "a" }, "serverId"],
    ["LoadBalancerTarget", { type: "ip", ip: "192.0.2.1", usePrivateIp: false }, "usePrivateIp"],
    ["Rdns", { ipAddress: "here", dnsPtr: "a" }, "ipAddress"],
  ];
  for (const [type, inputs, property] of refused)
    it(`finds ${type} ${JSON.stringify(inputs)} wrong at ${property}`, () => {
      assert.ok(world.faults(type, inputs).includes(property), world.faults(type, inputs).join());
    });

  it("finds nothing wrong with what is not known yet", () => {
    const healthCheck = { ...SERVICE.healthCheck, port: UNKNOWN };
    assert.deepEqual(
      world.faults("LoadBalancerService", { ...SERVICE, loadBalancerId: UNKNOWN, healthCheck }),
      [],
    );
    assert.deepEqual(world.faults("LoadBalancer", { loadBalancerType: "lb11", labels: { a: UNKNOWN } }), []);
    assert.deepEqual(world.faults("LoadBalancer", { loadBalancerType: "lb11", labels: UNKNOWN }), []);
    const target = { loadBalancerId: UNKNOWN, type: "label_selector", labelSelector: UNKNOWN };
    assert.deepEqual(world.faults("LoadBalancerTarget", target), []);
    assert.deepEqual(
      world.faults("Rdns", { loadBalancerId: UNKNOWN, ipAddress: UNKNOWN, dnsPtr: "a.b" }),
      [],
    );
  });

  it("tries again after conflict and 429, a few times, and after nothing else", async () => {
    const { id, last } = await world.loadBalancer();
    const read = async () => world.kind("LoadBalancer").read(id, last);
    const conflict = { error: { code: "conflict", message: "busy" } };
    const answers = [Response.json(conflict, { status: 409 }), new Response("", { status: 429 })];
    world.interfere = () => answers.shift();
    assert.ok(await read());

    for (const [status, calls] of [
      [429, 5],
      [500, 1],
      [502, 1],
    ] as const) {
      world.interfere = () => new Response("", { status });
      world.calls.length = 0;
      await assert.rejects(read, new RegExp(`GET .*: .*\\((rate_limit_exceeded|status ${status})\\)`));
      assert.equal(world.calls.length, calls);
    }
  });

  it("waits for a running action, and tells of one that fails", async () => {
    const { id, last } = await world.loadBalancer();
    const action = (status: string) => {
      const error = status === "error" ? { code: "action_failed", message: "no power" } : null;
      return { id: 9, command: "change_type", status, error };
    };
    const update = () =>
      world.kind("LoadBalancer").update(id, { ...last.inputs, loadBalancerType: "lb21" }, last);
    let looks = 0;
    let end = "success";
    world.interfere = ({ to }) => {
      if (to.endsWith("change_type")) return Response.json({ action: action("running") }, { status: 201 });
      if (to !== "/actions?id=9") return undefined;
      looks += 1;
      return Response.json({ actions: [action(looks < 3 ? "running" : end)] });
    };
    await update();
    assert.equal(looks, 3);
    end = "error";
    await assert.rejects(update, /POST .*change_type: no power \(action_failed\)/);
  });

  it("checks token and endpoint before any call", () => {
    const faults = (args: Props) => (world.provider.checkConfig?.(args) ?? []).map(({ reason }) => reason);
    assert.deepEqual(faults({ token: TOKEN, endpoint: ENDPOINT, version: "1.41.0" }), []);
    assert.deepEqual(faults({ token: UNKNOWN, endpoint: UNKNOWN }), []);
    assert.deepEqual(faults({ token: "short", endpoint: ENDPOINT }), [
      "entered token is invalid (must be exactly 64 characters long)",
    ]);
    assert.match(
      faults({ token: TOKEN, endpoint: "https://api.hetzner.cloud/v1" }).join(),
      /sandbox's http:/,
    );
    assert.match(faults({ token: TOKEN, endpoint: ENDPOINT, pollInterval: "1s" }).join(), /does not know/);
    assert.throws(() => world.provider.configure({ token: "short", endpoint: ENDPOINT }), /64 characters/);
  });

  it("says of an unknown token who refused it", async () => {
    world.provider.configure({ token: "u".repeat(64), endpoint: ENDPOINT });
    await assert.rejects(() => world.loadBalancer(), /unable to authenticate \(unauthorized\)/);
  });

  it("knows the inputs of the types, and no other type", () => {
    const need = (type: string, what: string) =>
      Object.entries(world.kind(type).inputs)
        .filter(([, kind]) => kind === what)
        .map(([key]) => key);
    assert.deepEqual(need("LoadBalancer", "required"), ["loadBalancerType"]);
    assert.deepEqual(need("LoadBalancerService", "required"), ["loadBalancerId", "protocol"]);
    assert.deepEqual(need("LoadBalancerTarget", "required"), ["loadBalancerId", "type"]);
    assert.deepEqual(need("Rdns", "required"), ["ipAddress", "dnsPtr", "loadBalancerId"]);
    assert.equal(world.provider.findType(tokenOf("Server")), undefined);
  });

  it("starts as a plugin and prints its port", async () => {
    const script = path.resolve(__dirname, "../../../sandbox/plugins/hcloud/pulumi-resource-hcloud");
    const plugin = spawn(script, { stdio: ["ignore", "pipe", "inherit"] });
    try {
      const printed = await new Promise<string>((resolve, reject) => {
        plugin.stdout.once("data", (data: Buffer) => resolve(data.toString()));
        plugin.once("exit", (code) => reject(new Error(`ended with ${String(code)}`)));
      });
      assert.match(printed, /^\d+\n$/);
    } finally {
      plugin.kill();
    }
  });
});
