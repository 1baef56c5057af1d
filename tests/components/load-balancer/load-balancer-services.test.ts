import * as assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import {
  LoadBalancerServices,
  waitForRouteSync,
  type ExtraService,
  type LoadBalancerServicesArgs,
} from "../../../components/load-balancer/load-balancer-services";
import { attempt, childrenOf, find, run } from "../../harness";
import { providers } from "../providers";

const timing = { intervalSeconds: 15, timeoutSeconds: 10, retries: 3 };
const ssh: ExtraService = {
  name: "ssh",
  protocol: "tcp",
  listenPort: 22,
  destinationPort: 2222,
  proxyProtocol: false,
  healthCheck: { protocol: "tcp", ...timing },
};
const args: LoadBalancerServicesArgs = {
  loadBalancerId: "42",
  nodePorts: { http: 30080, https: 30443 },
  proxyProtocol: true,
  healthCheck: { protocol: "tcp", ...timing },
  services: [],
};

const build =
  (changed: Partial<LoadBalancerServicesArgs> = {}, protect = false) =>
  () =>
    new LoadBalancerServices("lb", { ...args, ...changed }, { providers: providers(), protect });

const make = (changed?: Partial<LoadBalancerServicesArgs>, protect?: boolean) => run(build(changed, protect));

const inputsOf = async (name: string, changed?: Partial<LoadBalancerServicesArgs>) =>
  find((await make(changed)).resources, ":LoadBalancerService", name).inputs;

const service = "hcloud:index/loadBalancerService:LoadBalancerService";

describe("LoadBalancerServices", () => {
  it("creates a service for 80, 443 and each additional port", async () => {
    const { resources, result, outputs } = await make({ services: [ssh] });
    assert.deepEqual(childrenOf(resources, "lb"), [
      `${service} lb-http`,
      `${service} lb-https`,
      `${service} lb-ssh`,
    ]);
    assert.deepEqual(result.listenPorts, [22, 80, 443]);
    assert.deepEqual(outputs.find(({ of }) => of.endsWith(" lb"))?.outputs, { listenPorts: [22, 80, 443] });
  });

  for (const proxyProtocol of [true, false])
    it(`sets proxyProtocol ${proxyProtocol} on 80 and 443 only`, async () => {
      const { resources } = await make({
        proxyProtocol,
        services: [{ ...ssh, proxyProtocol: !proxyProtocol }],
      });
      const proxyprotocol = (role: string) =>
        find(resources, ":LoadBalancerService", `lb-${role}`).inputs.proxyprotocol;
      assert.deepEqual(["http", "https", "ssh"].map(proxyprotocol), [
        proxyProtocol,
        proxyProtocol,
        !proxyProtocol,
      ]);
    });

  it("checks a service at its destination port, or at another", async () => {
    const at = async (port: number | undefined) => {
      const healthCheck = { ...ssh.healthCheck, port };
      return (await inputsOf("lb-ssh", { services: [{ ...ssh, healthCheck }] })).healthCheck;
    };
    const check = { protocol: "tcp", interval: 15, timeout: 10, retries: 3 };
    assert.deepEqual(await at(undefined), { ...check, port: 2222 });
    assert.deepEqual(await at(9000), { ...check, port: 9000 });
  });

  for (const [title, http, expected] of [
    [
      "with Hetzner's defaults",
      undefined,
      { path: "/", domain: "", statusCodes: ["2??", "3??"], response: "", tls: false },
    ],
    [
      "with all options",
      { path: "/up", domain: "a.example.com", statusCodes: ["204"], response: "ok", tls: true },
      { path: "/up", domain: "a.example.com", statusCodes: ["204"], response: "ok", tls: true },
    ],
  ] as const)
    it(`checks over HTTP ${title}`, async () => {
      const healthCheck = { protocol: "http", ...timing, http } as const;
      const inputs = await inputsOf("lb-ssh", { services: [{ ...ssh, protocol: "http", healthCheck }] });
      assert.equal(inputs.protocol, "http");
      assert.deepEqual(inputs.healthCheck, {
        protocol: "http",
        port: 2222,
        interval: 15,
        timeout: 10,
        retries: 3,
        http: expected,
      });
    });

  it("deletes a service before it creates its replacement", async () => {
    const { resources } = await make({ services: [ssh] });
    const first = resources.filter((each) => each.deleteBeforeReplace).map(({ name }) => name);
    assert.deepEqual(first.sort(), ["lb-http", "lb-https", "lb-ssh"]);
  });

  it("waits for the route sync before an update of 80 and 443 only", async () => {
    const { resources } = await make({ services: [ssh] });
    const hooks = (role: string) => find(resources, ":LoadBalancerService", `lb-${role}`).hooks.beforeUpdate;
    assert.deepEqual(
      [hooks("http"), hooks("https"), hooks("ssh")],
      [["lb-wait-for-route-sync"], ["lb-wait-for-route-sync"], []],
    );
  });

  it("waits 5 s for a change of the destination port only", async () => {
    const slept: number[] = [];
    const created: pulumi.ResourceHook[] = [];
    await run(() => {
      created.push(waitForRouteSync("lb", (milliseconds) => Promise.resolve(slept.push(milliseconds))));
    });
    const update = (before: object, after: object) =>
      created[0]?.callback({
        ...{ urn: "urn:pulumi:test::test::some:type::it", id: "1", name: "it", type: "some:type" },
        ...{ oldInputs: before, newInputs: after },
      });
    await update({ destinationPort: 30443, proxyprotocol: true }, { destinationPort: pulumi.secret(30443) });
    assert.deepEqual(slept, []);
    await update({ destinationPort: 31443 }, { destinationPort: 30443 });
    assert.deepEqual(slept, [5000]);
  });

  it("prints the import command if Hetzner has a service on the port already, and does not retry", async () => {
    const inUse = new Error("source port 443 is already in use (source_port_already_used, 1b2c)");
    let attempts = 0;
    const { fault, logs } = await attempt(build(), {
      answers: {
        [service]: ({ listenPort }) => {
          if (listenPort !== 443) return {};
          attempts += 1;
          return inUse;
        },
      },
    });
    assert.equal(fault?.message, inUse.message);
    assert.equal(attempts, 1);
    assert.deepEqual(logs, [
      {
        severity: "error",
        message:
          "lb-https: port 443 of the load balancer already has a service that is not in the stack's state, created by an " +
          "interrupted run or by hand. Import it: " +
          `pulumi config set --path 'platform-networking:import["lb-https"]' 42__443`,
      },
    ]);
  });

  it("prints nothing for other errors", async () => {
    const answers = { [service]: new Error("rate limit exceeded (rate_limit_exceeded)") };
    assert.deepEqual((await attempt(build(), { answers })).logs, []);
  });
});
