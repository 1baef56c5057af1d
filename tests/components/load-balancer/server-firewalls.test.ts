import * as assert from "node:assert/strict";

import type { ServerInfo } from "../../../components/load-balancer/server-firewalls";
import { attemptProgram, stackConfig } from "../../config";
import type { Answer } from "../../mocks";

const getServers = "hcloud:index/getServers:getServers";

const server = (name: string, more: Partial<ServerInfo> = {}): ServerInfo => ({
  name,
  ipv4Address: "192.0.2.7",
  ipv6Address: "2001:db8::1",
  firewallIds: [],
  networks: [{ ip: "10.0.3.7" }],
  ...more,
});

/** The warnings about firewalls of a run of prod. */
async function warnings(servers: Answer, preview: boolean): Promise<readonly string[]> {
  const { logs, fault } = await attemptProgram(stackConfig("prod"), {
    answers: { [getServers]: servers },
    preview,
  });
  assert.equal(fault, undefined);
  return logs.map(({ message }) => message).filter((message) => message.includes("no firewall at Hetzner"));
}

const listed = (...servers: readonly ServerInfo[]) => ({ id: "all", servers });

describe("the preview of a cluster whose servers have no firewall", () => {
  it("names them, whichever public address they have", async () => {
    const [warning, ...others] = await warnings(
      listed(server("k3s-2"), server("k3s-1", { ipv4Address: "" }), server("k3s-3", { ipv6Address: "" })),
      true,
    );
    assert.match(warning ?? "", /^cluster\.nodeCidr: k3s-1, k3s-2, k3s-3: a public address and no firewall/);
    assert.deepEqual(others, []);
  });

  for (const [what, more] of [
    ["has a firewall", { firewallIds: [12] }],
    ["has no public address", { ipv4Address: "", ipv6Address: "" }],
    ["is in another network", { networks: [{ ip: "10.1.0.7" }] }],
    ["is in no network", { networks: undefined }],
  ] as const)
    it(`does not name a server that ${what}`, async () =>
      assert.deepEqual(await warnings(listed(server("k3s-1", more)), true), []));

  it("warns of nothing and succeeds if the servers cannot be listed", async () =>
    assert.deepEqual(await warnings(new Error("forbidden"), true), []));

  it("does not repeat the warning in an up", async () =>
    assert.deepEqual(await warnings(listed(server("k3s-1")), false), []));
});
