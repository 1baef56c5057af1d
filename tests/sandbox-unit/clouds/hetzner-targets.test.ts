import assert from "node:assert/strict";
import * as path from "node:path";

import { hetzner, seedHetzner } from "../../../sandbox/clouds/hetzner";
import { Store } from "../../../sandbox/clouds/store";
import { temporary } from "../temporary";

const token = "t".repeat(64);
const folder = temporary("hetzner-targets-");
const network = { id: 4711, name: "k3s", ip_range: "10.0.0.0/24", network_zone: "eu-central" };
const server = (id: number) => ({ id, name: `node-${id}`, network: 4711 });

/** An account in which one load balancer stands. */
async function account(seed: object = {}) {
  const store = new Store(path.join(folder(), "store.json"));
  seedHetzner(store, { tokens: [token], networks: [network], ...seed });
  const app = hetzner(store);
  const call = async (method: string, to: string, body?: object) => {
    const headers = { Authorization: `Bearer ${token}` };
    const response = await app.request(to, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    return (await response.json()) as {
      readonly error?: { readonly code: string };
      readonly servers?: readonly { readonly private_net: readonly { readonly ip: string }[] }[];
    };
  };
  await call("POST", "/load_balancers", { name: "edge", load_balancer_type: "lb11", location: "fsn1" });
  const act = async (command: string, body: object) =>
    (await call("POST", `/load_balancers/1000001/actions/${command}`, body)).error?.code;
  return { call, act };
}

describe("an address outside the emulated cloud", () => {
  const target = (ip: string) => ({ type: "ip", ip: { ip } });

  for (const ip of ["192.0.2.200", "2001:db8:1::200"])
    it(`is a target when it is the owner's: ${ip}`, async () => {
      const { act } = await account({ robot_ips: [ip] });
      assert.equal(await act("add_target", target(ip)), undefined);
    });

  it("is none when it is somebody else's, or no address", async () => {
    const { act } = await account();
    assert.equal(await act("add_target", target("2001:db8:1::201")), "ip_not_owned");
    assert.equal(await act("add_target", target("node-1")), "invalid_input");
  });
});

describe("a status code of an HTTP check", () => {
  const add = async (code: string) => {
    const { act } = await account();
    const health_check = { protocol: "http", http: { status_codes: [code] } };
    return act("add_service", { protocol: "http", health_check });
  };

  for (const code of ["200", "2??", "5*", "*"])
    it(`may be ${code}`, async () => assert.equal(await add(code), undefined));

  for (const code of ["2xx", "20", "600", "2***"])
    it(`may not be ${code}`, async () => assert.equal(await add(code), "invalid_input"));
});

describe("an address that the program means to use", () => {
  const addresses = async (seed: object) => {
    const { call } = await account({ servers: [server(101), server(102)], ...seed });
    const { servers = [] } = await call("GET", "/servers");
    return servers.map(({ private_net: [at] }) => at?.ip);
  };

  it("goes to no server", async () => {
    assert.deepEqual(await addresses({}), ["10.0.0.2", "10.0.0.3"]);
    assert.deepEqual(await addresses({ kept_ips: ["10.0.0.2"] }), ["10.0.0.3", "10.0.0.4"]);
  });

  it("is the load balancer's when it asks for it", async () => {
    const { act } = await account({ servers: [server(101)], kept_ips: ["10.0.0.2"] });
    assert.equal(await act("attach_to_network", { network: 4711, ip: "10.0.0.2" }), undefined);
  });
});
