import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { hetzner, hetznerInventory, seedHetzner } from "../../../sandbox/clouds/hetzner";
import { clouds } from "../../../sandbox/clouds/main";
import { Store } from "../../../sandbox/clouds/store";

const TOKEN = "t".repeat(64);
const NETWORK = { id: 4711, name: "k3s-dev", ip_range: "10.0.0.0/16", network_zone: "eu-central" };
const SEED = {
  tokens: [TOKEN],
  networks: [NETWORK, { id: 4712, name: "us", ip_range: "10.1.0.0/16", network_zone: "us-east" }],
  servers: [
    { id: 101, name: "dev-1", labels: { cluster: "dev" }, network: 4711 },
    { id: 102, name: "dev-2", labels: { cluster: "dev", role: "worker" }, network: 4711 },
    { id: 103, name: "lone", labels: { cluster: "lone" } },
  ],
  robot_ips: ["192.0.2.200"],
};
const LB = { name: "edge", load_balancer_type: "lb11", location: "fsn1" };
const SERVICE = { protocol: "tcp", listen_port: 443, destination_port: 30443 };
const SELECTED = { type: "label_selector", label_selector: { selector: "cluster=dev" } };

interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly body: unknown;
}

class Account {
  readonly file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "clouds-")), "store.json");
  #store = new Store(this.file);
  #app = hetzner(this.#store);

  constructor() {
    seedHetzner(this.#store, SEED);
  }

  restart(): void {
    this.#store = new Store(this.file);
    this.#app = hetzner(this.#store);
  }

  seedAgain(seed: unknown): void {
    seedHetzner(this.#store, seed);
  }

  inventory(): unknown {
    return hetznerInventory(this.#store);
  }

  async call(method: string, to: string, body?: unknown, token = TOKEN): Promise<Answer> {
    const text = body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) };
    const headers = { Authorization: `Bearer ${token}` };
    const response = await this.#app.request(to, { method, headers, ...text });
    const answered = await response.text();
    const type = response.headers.get("Content-Type");
    return { status: response.status, type, body: answered === "" ? undefined : JSON.parse(answered) };
  }

  /** The value at the path of the answer's body; fails when the call is refused. */
  async get<T>(at: string, method: string, to: string, body?: unknown): Promise<T> {
    const answer = await this.call(method, to, body);
    assert.ok(answer.status < 400, JSON.stringify(answer.body));
    return dig(answer.body, at) as T;
  }

  async act(command: string, body: unknown = {}): Promise<void> {
    const status = await this.get<string>("action.status", "POST", `${ONE}/actions/${command}`, body);
    assert.equal(status, "success");
  }

  async show<T>(at: string): Promise<T> {
    return this.get<T>(`load_balancer.${at}`, "GET", ONE);
  }
}

const ONE = "/load_balancers/1000001";

const dig = (value: unknown, at: string): unknown =>
  at.split(".").reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);

describe("the emulated Hetzner Cloud API", () => {
  let account: Account;

  beforeEach(async () => {
    account = new Account();
    await account.get("", "POST", "/load_balancers", LB);
  });

  afterEach(() => fs.rmSync(path.dirname(account.file), { recursive: true }));

  it("shows a new load balancer with its addresses, type, location and defaults", async () => {
    const lb = await account.get<Record<string, unknown>>("load_balancer", "GET", ONE);
    assert.equal(dig(lb, "public_net.ipv4.ip"), "198.51.100.4");
    assert.equal(dig(lb, "public_net.ipv4.dns_ptr"), "static.4.100.51.198.clients.your-server.de");
    assert.equal(dig(lb, "public_net.ipv6.ip"), "2001:db8:4251::1");
    assert.equal(dig(lb, "load_balancer_type.max_services"), 5);
    assert.equal(dig(lb, "location.network_zone"), "eu-central");
    assert.deepEqual(lb.algorithm, { type: "round_robin" });
    assert.deepEqual(lb.protection, { delete: false });
  });

  it("gives every load balancer addresses of its own", async () => {
    const second = await account.get("load_balancer.public_net", "POST", "/load_balancers", {
      ...LB,
      name: "b",
    });
    assert.notDeepEqual(second, await account.show("public_net"));
  });

  const refusals: [title: string, code: string, method: string, to: string, body?: unknown][] = [
    ["an unknown path", "not_found", "GET", "/nope"],
    ["an unknown action", "not_found", "POST", `${ONE}/actions/dance`],
    ["an unknown load balancer", "not_found", "GET", "/load_balancers/7"],
    ["a body that is not JSON", "json_error", "POST", "/load_balancers", "{"],
    ["a taken name", "uniqueness_error", "POST", "/load_balancers", LB],
    ["an unknown field", "invalid_input", "POST", "/load_balancers", { ...LB, name: "b", size: 3 }],
    ["a mistyped field", "invalid_input", "POST", "/load_balancers", { ...LB, name: 5 }],
    ["a malformed label", "invalid_input", "PUT", ONE, { labels: { "a b": "c" } }],
    [
      "location and zone at once",
      "invalid_input",
      "POST",
      "/load_balancers",
      { ...LB, name: "b", network_zone: "us-east" },
    ],
    [
      "an unknown location",
      "invalid_input",
      "POST",
      "/load_balancers",
      { ...LB, name: "b", location: "mars1" },
    ],
    [
      "an unknown type",
      "invalid_input",
      "POST",
      `${ONE}/actions/change_type`,
      { load_balancer_type: "lb99" },
    ],
    [
      "tcp without a port",
      "invalid_input",
      "POST",
      `${ONE}/actions/add_service`,
      { protocol: "tcp", listen_port: 443 },
    ],
    [
      "a too frequent check",
      "invalid_input",
      "POST",
      `${ONE}/actions/add_service`,
      { ...SERVICE, health_check: { interval: 2 } },
    ],
    [
      "a timeout over the interval",
      "invalid_input",
      "POST",
      `${ONE}/actions/add_service`,
      { ...SERVICE, health_check: { interval: 5, timeout: 6 } },
    ],
    [
      "too many retries",
      "invalid_input",
      "POST",
      `${ONE}/actions/add_service`,
      { ...SERVICE, health_check: { retries: 6 } },
    ],
    [
      "https without a certificate",
      "invalid_input",
      "POST",
      `${ONE}/actions/add_service`,
      { protocol: "https" },
    ],
    ["a change of no service", "not_found", "POST", `${ONE}/actions/update_service`, SERVICE],
    ["removing no service", "not_found", "POST", `${ONE}/actions/delete_service`, { listen_port: 1 }],
    ["an unknown network", "not_found", "POST", `${ONE}/actions/attach_to_network`, { network: 1 }],
    [
      "a network of another zone",
      "no_subnet_available",
      "POST",
      `${ONE}/actions/attach_to_network`,
      { network: 4712 },
    ],
    [
      "an address outside",
      "ip_not_available",
      "POST",
      `${ONE}/actions/attach_to_network`,
      { network: 4711, ip: "10.9.0.9" },
    ],
    [
      "a server's address",
      "ip_not_available",
      "POST",
      `${ONE}/actions/attach_to_network`,
      { network: 4711, ip: "10.0.0.2" },
    ],
    [
      "the gateway's address",
      "ip_not_available",
      "POST",
      `${ONE}/actions/attach_to_network`,
      { network: 4711, ip: "10.0.0.1" },
    ],
    [
      "detaching what is not attached",
      "load_balancer_not_attached_to_network",
      "POST",
      `${ONE}/actions/detach_from_network`,
      { network: 4711 },
    ],
    [
      "private targets without a network",
      "load_balancer_not_attached_to_network",
      "POST",
      `${ONE}/actions/add_target`,
      { ...SELECTED, use_private_ip: true },
    ],
    [
      "an unknown server",
      "not_found",
      "POST",
      `${ONE}/actions/add_target`,
      { type: "server", server: { id: 9 } },
    ],
    [
      "a selector that is none",
      "invalid_input",
      "POST",
      `${ONE}/actions/add_target`,
      { type: "label_selector", label_selector: { selector: "a=b=c" } },
    ],
    [
      "an address of somebody else",
      "ip_not_owned",
      "POST",
      `${ONE}/actions/add_target`,
      { type: "ip", ip: { ip: "192.0.2.201" } },
    ],
    [
      "an address of the cloud",
      "cloud_resource_ip_not_allowed",
      "POST",
      `${ONE}/actions/add_target`,
      { type: "ip", ip: { ip: "203.0.113.9" } },
    ],
    [
      "removing no target",
      "load_balancer_target_not_found",
      "POST",
      `${ONE}/actions/remove_target`,
      SELECTED,
    ],
    [
      "the name of a foreign address",
      "not_found",
      "POST",
      `${ONE}/actions/change_dns_ptr`,
      { ip: "192.0.2.1", dns_ptr: "a.b" },
    ],
    ["a page that is none", "invalid_input", "GET", "/servers?page=0"],
  ];
  for (const [title, code, method, to, body] of refusals)
    it(`refuses ${title} with ${code} and changes nothing`, async () => {
      const before = fs.readFileSync(account.file, "utf8");
      const answer = await account.call(method, to, body);
      assert.equal(dig(answer.body, "error.code"), code, JSON.stringify(answer.body));
      assert.ok(answer.status >= 400);
      assert.match(answer.type ?? "", /^application\/json/);
      assert.equal(fs.readFileSync(account.file, "utf8"), before);
    });

  it("refuses an unknown token with 401", async () => {
    const answer = await account.call("GET", "/servers", undefined, "wrong");
    assert.equal(answer.status, 401);
    assert.equal(dig(answer.body, "error.code"), "unauthorized");
  });

  it("names every faulty field of a body", async () => {
    const answer = await account.call("POST", "/load_balancers", { ...LB, name: 5, size: 3 });
    const fields = dig(answer.body, "error.details.fields") as { name: string }[];
    assert.deepEqual(
      fields.map(({ name }) => name),
      ["name", "size"],
    );
  });

  it("takes a null for a field that is left out", async () => {
    const body = { ...LB, name: "other", network_zone: null, network: null, services: null };
    const answer = await account.call("POST", "/load_balancers", body);
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
  });

  it("fills in the defaults of a service, and keeps at an update what is left out", async () => {
    await account.act("add_service", SERVICE);
    const check = { protocol: "tcp", port: 30443, interval: 15, timeout: 10, retries: 3, http: null };
    const service = { ...SERVICE, proxyprotocol: false, http: null, health_check: check };
    assert.deepEqual(await account.show("services"), [service]);

    await account.act("update_service", {
      listen_port: 443,
      proxyprotocol: true,
      health_check: { interval: 20 },
    });
    const changed = { ...service, proxyprotocol: true, health_check: { ...check, interval: 20 } };
    assert.deepEqual(await account.show("services"), [changed]);

    await account.act("delete_service", { listen_port: 443 });
    assert.deepEqual(await account.show("services"), []);
  });

  it("lets a TCP service be checked by HTTP, by TCP again, and by nothing in between", async () => {
    await account.act("add_service", SERVICE);
    const timing = { interval: 15, timeout: 10, retries: 3 };
    const http = { path: "/ping", domain: "", status_codes: ["200"], response: "", tls: false };
    const checkAfter = async (health_check: object) => {
      await account.act("update_service", { listen_port: 443, health_check });
      return dig((await account.show<unknown[]>("services"))[0], "health_check");
    };
    const asked = { protocol: "http", port: 30080, ...timing, http };
    assert.deepEqual(await checkAfter(asked), asked);
    const refused = await account.call("POST", `${ONE}/actions/update_service`, {
      listen_port: 443,
      health_check: { protocol: "tcp", port: 31443, ...timing, http },
    });
    assert.equal(refused.status, 422);
    const tried = { protocol: "tcp", port: 31443, ...timing };
    assert.deepEqual(await checkAfter(tried), { ...tried, http: null });
  });

  it("knows the defaults of http services", async () => {
    await account.act("add_service", { protocol: "http", http: { sticky_sessions: true } });
    const [service] = await account.show<unknown[]>("services");
    assert.deepEqual([dig(service, "listen_port"), dig(service, "destination_port")], [80, 80]);
    assert.equal(dig(service, "http.cookie_name"), "HCLBSTICKY");
    assert.equal(dig(service, "health_check.http.path"), "/");
  });

  it("refuses a second service on one port and a sixth service of an lb11", async () => {
    for (const listen_port of [1, 2, 3, 4, 5]) await account.act("add_service", { ...SERVICE, listen_port });
    const add = (listen_port: number) =>
      account.call("POST", `${ONE}/actions/add_service`, { ...SERVICE, listen_port });
    assert.equal(dig((await add(3)).body, "error.code"), "source_port_already_used");
    assert.equal(dig((await add(6)).body, "error.code"), "resource_limit_exceeded");

    await account.act("change_type", { load_balancer_type: "lb21" });
    assert.equal((await add(6)).status, 201);
    const back = await account.call("POST", `${ONE}/actions/change_type`, { load_balancer_type: "lb11" });
    assert.equal(dig(back.body, "error.code"), "invalid_load_balancer_type");
  });

  it("attaches to the next free address or to the asked one, once", async () => {
    await account.act("attach_to_network", { network: 4711, ip_range: "10.0.0.0/16" });
    assert.deepEqual(await account.show("private_net"), [{ network: 4711, ip: "10.0.0.4" }]);
    const again = await account.call("POST", `${ONE}/actions/attach_to_network`, { network: 4711 });
    assert.equal(dig(again.body, "error.code"), "load_balancer_already_attached");

    await account.act("detach_from_network", { network: 4711 });
    await account.act("attach_to_network", { network: 4711, ip: "10.0.7.7" });
    assert.deepEqual(await account.show("private_net"), [{ network: 4711, ip: "10.0.7.7" }]);
    assert.deepEqual(await account.get("network.load_balancers", "GET", "/networks/4711"), [1000001]);
  });

  it("lists the servers that a selector matches, and drops private targets at a detach", async () => {
    await account.act("attach_to_network", { network: 4711 });
    await account.act("add_service", SERVICE);
    await account.act("add_target", { ...SELECTED, use_private_ip: true });
    const [target] = await account.show<unknown[]>("targets");
    const ids = (dig(target, "targets") as unknown[]).map((one) => dig(one, "server.id"));
    assert.deepEqual(ids, [101, 102]);
    const again = await account.call("POST", `${ONE}/actions/add_target`, SELECTED);
    assert.equal(dig(again.body, "error.code"), "target_already_defined");

    await account.act("detach_from_network", { network: 4711 });
    assert.deepEqual(await account.show("targets"), []);
  });

  it("accepts a selector that matches nothing, and refuses servers outside the network", async () => {
    await account.act("attach_to_network", { network: 4711 });
    await account.act("add_target", {
      type: "label_selector",
      label_selector: { selector: "cluster=none" },
      use_private_ip: true,
    });
    const lone = { type: "server", server: { id: 103 }, use_private_ip: true };
    const refused = await account.call("POST", `${ONE}/actions/add_target`, lone);
    assert.equal(dig(refused.body, "error.code"), "server_not_attached_to_network");
  });

  it("turns the public interface off only without targets behind it", async () => {
    await account.act("add_target", { type: "ip", ip: { ip: "192.0.2.200" } });
    const refused = await account.call("POST", `${ONE}/actions/disable_public_interface`);
    assert.equal(dig(refused.body, "error.code"), "targets_without_use_private_ip");
    await account.act("remove_target", { type: "ip", ip: { ip: "192.0.2.200" } });
    await account.act("disable_public_interface");
    assert.equal(await account.show("public_net.enabled"), false);
    await account.act("enable_public_interface");
    assert.equal(await account.show("public_net.enabled"), true);
  });

  it("sets a reverse name and brings the default back", async () => {
    await account.act("change_dns_ptr", { ip: "198.51.100.4", dns_ptr: "lb.example.com" });
    assert.equal(await account.show("public_net.ipv4.dns_ptr"), "lb.example.com");
    await account.act("change_dns_ptr", { ip: "198.51.100.4", dns_ptr: null });
    assert.match(await account.show<string>("public_net.ipv4.dns_ptr"), /^static\./);
  });

  it("changes name, labels and algorithm in place", async () => {
    await account.get("", "PUT", ONE, { name: "front", labels: { stack: "dev" } });
    await account.act("change_algorithm", { type: "least_connections" });
    assert.equal(await account.show("name"), "front");
    assert.deepEqual(await account.show("labels"), { stack: "dev" });
    assert.deepEqual(await account.show("algorithm"), { type: "least_connections" });
  });

  it("does not delete what is protected", async () => {
    await account.act("change_protection", { delete: true });
    const refused = await account.call("DELETE", ONE);
    assert.equal(dig(refused.body, "error.code"), "protected");
    assert.equal(dig(refused.body, "error.message"), "load_balancer deletion is protected");
    await account.act("change_protection", { delete: false });
    assert.equal((await account.call("DELETE", ONE)).status, 204);
    assert.equal((await account.call("GET", ONE)).status, 404);
    assert.deepEqual(await account.get("load_balancers", "GET", "/load_balancers?name=1000001"), []);
  });

  it("answers every action that is asked for", async () => {
    const action = await account.get<number>(
      "action.id",
      "POST",
      `${ONE}/actions/enable_public_interface`,
      {},
    );
    const list = await account.get<unknown[]>(
      "actions",
      "GET",
      `/actions?id=1&id=${action}&page=1&sort=status&sort=id`,
    );
    assert.deepEqual(
      list.map((one) => [dig(one, "id"), dig(one, "status")]),
      [
        [1, "success"],
        [action, "success"],
      ],
    );
    assert.equal(await account.get("action.command", "GET", "/actions/1"), "create_load_balancer");
  });

  it("cuts lists into pages and filters them", async () => {
    for (let n = 0; n < 30; n += 1)
      await account.get("", "POST", "/load_balancers", { ...LB, name: `n${n}` });
    const first = await account.get<unknown>("meta.pagination", "GET", "/load_balancers");
    const pages = {
      page: 1,
      per_page: 25,
      previous_page: null,
      next_page: 2,
      last_page: 2,
      total_entries: 31,
    };
    assert.deepEqual(first, pages);
    const rest = await account.get<unknown[]>("load_balancers", "GET", "/load_balancers?page=2");
    assert.equal(rest.length, 6);
    const named = await account.get<unknown[]>("load_balancers", "GET", "/load_balancers?name=n7");
    assert.equal(named.length, 1);
    const newest = await account.get<unknown>("load_balancers.0.name", "GET", "/load_balancers?sort=id:desc");
    assert.equal(newest, "n29");
  });

  const selections: [text: string, ids: number[]][] = [
    ["cluster", [101, 102, 103]],
    ["cluster=dev", [101, 102]],
    ["cluster==dev,role=worker", [102]],
    ["cluster=dev,!role", [101]],
    ["cluster!=dev", [103]],
    ["cluster in (lone, other)", [103]],
    ["cluster notin (lone),role", [102]],
  ];
  for (const [text, ids] of selections)
    it(`selects servers by "${text}"`, async () => {
      const query = encodeURIComponent(text);
      const servers = await account.get<{ id: number }[]>(
        "servers",
        "GET",
        `/servers?label_selector=${query}`,
      );
      assert.deepEqual(
        servers.map(({ id }) => id),
        ids,
      );
    });

  it("knows types, locations and servers by id and name", async () => {
    assert.equal(
      await account.get("load_balancer_types.0.max_targets", "GET", "/load_balancer_types?name=lb21"),
      75,
    );
    assert.equal(await account.get("location.name", "GET", "/locations/3"), "hel1");
    assert.deepEqual(await account.get("server.private_net.0.ip", "GET", "/servers/101"), "10.0.0.2");
  });

  it("survives a restart, and never gives an id twice", async () => {
    await account.act("add_service", SERVICE);
    const before = await account.get("load_balancer", "GET", ONE);
    account.restart();
    assert.deepEqual(await account.get("load_balancer", "GET", ONE), before);
    await account.get("", "DELETE", ONE);
    account.restart();
    assert.equal(await account.get("load_balancer.id", "POST", "/load_balancers", LB), 1000002);
  });

  it("takes a seed twice without a change, and refuses a misspelt one", () => {
    const before = fs.readFileSync(account.file, "utf8");
    account.seedAgain(SEED);
    assert.equal(fs.readFileSync(account.file, "utf8"), before);
    assert.throws(() => account.seedAgain({ ...SEED, token: [] }), /token/);
    for (const ip_range of ["1.2.3.0/24", "10.0.0.1/24"])
      assert.throws(() => account.seedAgain({ networks: [{ ...NETWORK, id: 1, ip_range }] }), /RFC 1918/);
  });

  it("lists in its inventory what was made beyond the seed", () => {
    const inventory = account.inventory();
    assert.equal(dig(inventory, "load_balancers.0.name"), "edge");
  });
});

describe("the store of the clouds", () => {
  let folder: string;
  before(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), "store-"))));
  after(() => fs.rmSync(folder, { recursive: true }));

  it("gives back what was saved, and only that", () => {
    const file = path.join(folder, "deep", "er", "store.json");
    const store = new Store(file);
    const section = store.section("one", () => ({ n: 1 }));
    section.n = 2;
    store.save();
    section.n = 3;
    assert.deepEqual(
      new Store(file).section("one", () => ({ n: 0 })),
      { n: 2 },
    );
    assert.equal(
      store.section("one", () => ({ n: 0 })),
      section,
    );
  });

  for (const text of ['{"hetzner": {', "[]", '{"hetzner": 5}', ""])
    it(`says how to begin afresh when the file holds ${JSON.stringify(text)}`, () => {
      const file = path.join(folder, "broken.json");
      fs.writeFileSync(file, text);
      assert.throws(
        () => new Store(file),
        /cannot be read: .*broken\.json.*npm start -- stop.*remove the folder/s,
      );
    });
});

describe("the clouds' process", () => {
  let folder: string;
  let app: ReturnType<typeof clouds>;
  before(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "main-"));
    app = clouds(new Store(path.join(folder, "store.json")));
  });
  after(() => fs.rmSync(folder, { recursive: true }));
  const put = async (seed: string) => app.request("/sandbox/seed", { method: "PUT", body: seed });

  it("serves Hetzner's API below its path, once a seed names the token", async () => {
    const ask = async () =>
      (await app.request("/hetzner/v1/servers", { headers: { Authorization: `Bearer ${TOKEN}` } })).status;
    assert.equal(await ask(), 401);
    assert.equal((await put(JSON.stringify({ hetzner: SEED }))).status, 200);
    assert.equal(await ask(), 200);
    assert.equal((await app.request("/hetzner/v1/nope")).status, 401);
  });

  it("tells its health and its inventory", async () => {
    assert.deepEqual(await (await app.request("/sandbox/health")).json(), { ok: true });
    const inventory: unknown = await (await app.request("/sandbox/inventory")).json();
    assert.deepEqual(dig(inventory, "hetzner.load_balancers"), []);
    assert.deepEqual(dig(inventory, "cloudflare.dns_records"), []);
  });

  for (const seed of ["{", '{"aws": {}}', '{"hetzner": {"tokens": ["short"]}}'])
    it(`refuses the seed ${seed} with a reason`, async () => {
      const answer = await put(seed);
      assert.equal(answer.status, 400);
      assert.match(await answer.text(), /The seed of the clouds is refused/);
    });
});
