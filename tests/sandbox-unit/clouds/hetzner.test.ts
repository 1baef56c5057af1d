import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { hetzner, seedHetzner } from "../../../sandbox/clouds/hetzner";
import { Store } from "../../../sandbox/clouds/store";
import { temporary } from "../temporary";

const token = "t".repeat(64);
const seed = {
  tokens: [token],
  networks: [
    { id: 4711, name: "k3s-dev", ip_range: "10.0.0.0/16", network_zone: "eu-central" },
    { id: 4712, name: "us", ip_range: "10.1.0.0/16", network_zone: "us-east" },
  ],
  servers: [
    { id: 101, name: "dev-1", labels: { cluster: "dev" }, network: 4711 },
    { id: 102, name: "dev-2", labels: { cluster: "dev", role: "worker" }, network: 4711 },
    { id: 103, name: "lone", labels: { cluster: "lone" } },
  ],
  kept_ips: ["10.0.0.3"],
  robot_ips: ["192.0.2.200", "2001:db8:1::200"],
};
const edge = { name: "edge", load_balancer_type: "lb11", location: "fsn1" };
const service = { protocol: "tcp", listen_port: 443, destination_port: 30443 };
const check = { protocol: "tcp", port: 30443, interval: 15, timeout: 10, retries: 3, http: null };
const http = { path: "/ping", domain: "", status_codes: ["200"], response: "", tls: false };
const selected = {
  type: "label_selector",
  label_selector: { selector: "cluster=dev" },
  use_private_ip: true,
};
const ip = (address: string) => ({ type: "ip", ip: { ip: address } });
const one = "/load_balancers/1000001";

const dig = (value: unknown, at: string): unknown =>
  at.split(".").reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);

describe("The emulated Hetzner Cloud API", () => {
  const folder = temporary("hetzner-");
  let file: string;
  let app: ReturnType<typeof hetzner>;
  const restart = () => (app = hetzner(new Store(file)));

  beforeEach(async () => {
    file = path.join(folder(), "store.json");
    seedHetzner(new Store(file), seed);
    restart();
    await get("load_balancer", "POST", "/load_balancers", edge);
  });

  const call = async (method: string, to: string, body?: unknown, authorization = `Bearer ${token}`) => {
    const text = body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) };
    const response = await app.request(to, { method, headers: { authorization }, ...text });
    const answer = await response.text();
    return { status: response.status, body: (answer === "" ? undefined : JSON.parse(answer)) as unknown };
  };
  /** The value at a path of the response. */
  const get = async (at: string, method: string, to: string, body?: unknown) => {
    const answer = await call(method, to, body);
    assert.ok(answer.status < 400, JSON.stringify(answer.body));
    return dig(answer.body, at);
  };
  /** The code of the error; undefined if the action succeeds. */
  const act = async (command: string, body: unknown = {}) => {
    const answer = await call("POST", `${one}/actions/${command}`, body);
    const code = dig(answer.body, "error.code");
    if (code === undefined) assert.equal(dig(answer.body, "action.status"), "success");
    return code;
  };
  const show = (at: string) => get(`load_balancer.${at}`, "GET", one);

  it("shows a new load balancer with its addresses, type, location and defaults", async () => {
    const lb = await get("load_balancer", "GET", one);
    for (const [at, value] of Object.entries({
      "public_net.ipv4.ip": "198.51.100.4",
      "public_net.ipv4.dns_ptr": "static.4.100.51.198.clients.your-server.de",
      "public_net.ipv6.ip": "2001:db8:4251::1",
      "load_balancer_type.max_services": 5,
      "location.network_zone": "eu-central",
      "algorithm.type": "round_robin",
      "protection.delete": false,
    }))
      assert.equal(dig(lb, at), value, at);
    const other = { ...edge, name: "other", location: null, network_zone: "us-west" };
    const second = await get("load_balancer", "POST", "/load_balancers", other);
    assert.equal(dig(second, "location.name"), "hil");
    assert.notDeepEqual(dig(second, "public_net"), dig(lb, "public_net"));
  });

  const lists = "/load_balancers";
  const refused: readonly (readonly [code: string, method: string, to: string, body?: unknown])[] = [
    ["not_found", "GET", "/nope"],
    ["not_found", "GET", "/load_balancers/7"],
    ["not_found", "GET", "/networks/7"],
    ["json_error", "POST", lists, "{"],
    ["uniqueness_error", "POST", lists, edge],
    ["invalid_input", "POST", lists, { ...edge, name: "b", network_zone: "us-east" }],
    ["invalid_input", "POST", lists, { ...edge, name: "b", location: "mars1" }],
    ["invalid_input", "POST", lists, { ...edge, name: "b", load_balancer_type: "lb99" }],
    ["invalid_input", "GET", "/servers?page=0"],
    ["invalid_input", "GET", "/servers?label_selector=a"],
  ];
  const refusedActions: readonly (readonly [code: string, command: string, body?: object])[] = [
    ["not_found", "dance"],
    ["invalid_input", "change_type", { load_balancer_type: "lb99" }],
    ["invalid_input", "add_service", { protocol: "tcp", listen_port: 443 }],
    ["invalid_input", "add_service", { ...service, protocol: "https" }],
    ["invalid_input", "add_service", { ...service, http: { sticky_sessions: true } }],
    ["invalid_input", "add_service", { ...service, health_check: { interval: 2 } }],
    ["invalid_input", "add_service", { ...service, health_check: { interval: 5, timeout: 6 } }],
    ["invalid_input", "add_service", { ...service, health_check: { retries: 6 } }],
    ["invalid_input", "add_service", { ...service, health_check: { protocol: "tcp", http } }],
    ...["2xx", "20", "600", "2***"].map(
      (code) =>
        [
          "invalid_input",
          "add_service",
          { ...service, health_check: { protocol: "http", http: { ...http, status_codes: [code] } } },
        ] as const,
    ),
    ["not_found", "update_service", service],
    ["not_found", "delete_service", { listen_port: 1 }],
    ["not_found", "attach_to_network", { network: 1 }],
    ["no_subnet_available", "attach_to_network", { network: 4712 }],
    // Outside the range, a server's, and the gateway's.
    ...["10.9.0.9", "10.0.0.2", "10.0.0.1"].map(
      (address) => ["ip_not_available", "attach_to_network", { network: 4711, ip: address }] as const,
    ),
    ["load_balancer_not_attached_to_network", "detach_from_network", { network: 4711 }],
    ["load_balancer_not_attached_to_network", "add_target", selected],
    ["not_found", "add_target", { type: "server", server: { id: 9 }, use_private_ip: true }],
    ["invalid_input", "add_target", { ...selected, label_selector: { selector: "a=b=c" } }],
    ["invalid_input", "add_target", { ...selected, use_private_ip: false }],
    ["ip_not_owned", "add_target", ip("192.0.2.201")],
    ["cloud_resource_ip_not_allowed", "add_target", ip("203.0.113.9")],
    ["invalid_input", "add_target", ip("node-1")],
    ["load_balancer_target_not_found", "remove_target", ip("192.0.2.200")],
    ["not_found", "change_dns_ptr", { ip: "192.0.2.1", dns_ptr: "a.b" }],
  ];
  for (const [code, method, to, body] of [
    ...refused,
    ...refusedActions.map(
      ([code, command, body]) => [code, "POST", `${one}/actions/${command}`, body] as const,
    ),
  ])
    it(`refuses ${method} ${to} ${JSON.stringify(body ?? "")} with ${code} and changes nothing`, async () => {
      const before = fs.readFileSync(file, "utf8");
      const answer = await call(method, to, body);
      assert.equal(dig(answer.body, "error.code"), code, JSON.stringify(answer.body));
      assert.ok(answer.status >= 400);
      assert.equal(fs.readFileSync(file, "utf8"), before);
    });

  it("refuses an unknown token with 401", async () => {
    const answer = await call("GET", "/servers", undefined, "Bearer wrong");
    assert.deepEqual([answer.status, dig(answer.body, "error.code")], [401, "unauthorized"]);
  });

  it("names every invalid field of a body", async () => {
    const answer = await call("POST", "/load_balancers", { ...edge, name: 5, size: 3 });
    const fields = dig(answer.body, "error.details.fields") as { name: string }[];
    assert.deepEqual(
      fields.map(({ name }) => name),
      ["name", "size"],
    );
  });

  it("fills in the defaults of a service, and keeps absent fields in an update", async () => {
    await act("add_service", service);
    const added = { ...service, proxyprotocol: false, http: null, health_check: check };
    assert.deepEqual(await show("services"), [added]);
    await act("update_service", { listen_port: 443, proxyprotocol: true, health_check: { interval: 20 } });
    const changed = { ...added, proxyprotocol: true, health_check: { ...check, interval: 20 } };
    assert.deepEqual(await show("services"), [changed]);
    await act("delete_service", { listen_port: 443 });
    assert.deepEqual(await show("services"), []);
  });

  it("checks a TCP service by HTTP", async () => {
    await act("add_service", service);
    for (const code of ["200", "2??", "5*", "*"]) {
      const asked = { ...check, protocol: "http", http: { ...http, status_codes: [code] } };
      await act("update_service", { listen_port: 443, health_check: asked });
      assert.deepEqual(await show("services.0.health_check"), asked);
    }
    await act("update_service", { listen_port: 443, health_check: { ...check, http: undefined } });
    assert.deepEqual(await show("services.0.health_check"), check);
  });

  it("refuses a second service on one port, and a sixth service of an lb11", async () => {
    for (const listen_port of [1, 2, 3, 4, 5]) await act("add_service", { ...service, listen_port });
    const add = (listen_port: number) => act("add_service", { ...service, listen_port });
    assert.equal(await add(3), "source_port_already_used");
    assert.equal(await add(6), "resource_limit_exceeded");
    await act("change_type", { load_balancer_type: "lb21" });
    assert.equal(await add(6), undefined);
    assert.equal(await act("change_type", { load_balancer_type: "lb11" }), "invalid_load_balancer_type");
  });

  it("attaches to the next free address or to the given one, once", async () => {
    await act("attach_to_network", { network: 4711 });
    // The servers have .2 and .4: .3 is kept for the program.
    assert.deepEqual(await show("private_net"), [{ network: 4711, ip: "10.0.0.3" }]);
    assert.equal(await act("attach_to_network", { network: 4711 }), "load_balancer_already_attached");
    await act("detach_from_network", { network: 4711 });
    await act("attach_to_network", { network: 4711, ip: "10.0.7.7" });
    assert.deepEqual(await show("private_net"), [{ network: 4711, ip: "10.0.7.7" }]);
    assert.deepEqual(await get("network.load_balancers", "GET", "/networks/4711"), [1000001]);
    assert.equal(await get("server.private_net.0.ip", "GET", "/servers/102"), "10.0.0.4");
  });

  it("lists the servers that a selector matches, and drops private targets at a detach", async () => {
    await act("attach_to_network", { network: 4711 });
    await act("add_target", selected);
    const ids = ((await show("targets.0.targets")) as unknown[]).map((each) => dig(each, "server.id"));
    assert.deepEqual(ids, [101, 102]);
    const worker = { ...selected, label_selector: { selector: "cluster=dev,role=worker" } };
    await act("add_target", worker);
    assert.deepEqual(await show("targets.1.targets.0.server.id"), 102);
    assert.equal(await act("add_target", selected), "target_already_defined");
    await act("add_target", ip("2001:db8:1::200"));
    await act("detach_from_network", { network: 4711 });
    assert.equal(await show("targets.0.ip.ip"), "2001:db8:1::200");
  });

  it("accepts a selector that matches nothing, and refuses servers outside the network", async () => {
    await act("attach_to_network", { network: 4711 });
    await act("add_target", { ...selected, label_selector: { selector: "cluster=none" } });
    const lone = { type: "server", server: { id: 103 }, use_private_ip: true };
    assert.equal(await act("add_target", lone), "server_not_attached_to_network");
  });

  it("cuts lists into pages and filters them by name", async () => {
    for (let n = 0; n < 30; n += 1) await get("", "POST", "/load_balancers", { ...edge, name: `n${n}` });
    const pages = { page: 1, per_page: 25, previous_page: null, next_page: 2, last_page: 2 };
    assert.deepEqual(await get("meta.pagination", "GET", "/load_balancers"), { ...pages, total_entries: 31 });
    assert.equal(await get("load_balancers.length", "GET", "/load_balancers?page=2"), 6);
    assert.equal(await get("load_balancers.length", "GET", "/load_balancers?name=n7"), 1);
  });

  it("survives a restart, and never gives an ID twice", async () => {
    await act("add_service", service);
    const before = await get("load_balancer", "GET", one);
    restart();
    assert.deepEqual(await get("load_balancer", "GET", one), before);
    await get("", "DELETE", one);
    restart();
    assert.equal(await get("load_balancer.id", "POST", "/load_balancers", edge), 1000002);
  });

  it("takes a seed twice without a change, and refuses a misspelt one", () => {
    const before = fs.readFileSync(file, "utf8");
    seedHetzner(new Store(file), seed);
    assert.equal(fs.readFileSync(file, "utf8"), before);
    assert.throws(() => seedHetzner(new Store(file), { ...seed, token: [] }), /token/);
  });
});
