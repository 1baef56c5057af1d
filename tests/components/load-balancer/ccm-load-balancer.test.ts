import * as assert from "node:assert/strict";

import {
  CcmLoadBalancer,
  type CcmLoadBalancerArgs,
} from "../../../components/load-balancer/ccm-load-balancer";
import { ccmNameConflict } from "../../../components/load-balancer/load-balancer-address";
import { attempt, find, run, value, type RunOptions } from "../../harness";
import { existingLoadBalancer as existing } from "../../through-service";
import { providers } from "../providers";
import { listFunction } from "./created-load-balancer";

const type = "kubernetes:core/v1:Service";

const args: CcmLoadBalancerArgs = {
  name: "k3s-lb",
  type: "lb11",
  location: { location: "fsn1" },
  algorithm: "round_robin",
  privateIp: "10.0.0.2",
  proxyProtocol: true,
  healthCheck: { intervalSeconds: 15, timeoutSeconds: 10, retries: 3 },
  ipv6: true,
  allowReplacement: false,
  namespace: "ingress-nginx",
  selector: { "app.kubernetes.io/name": "ingress-nginx" },
  targetPorts: { http: 80, https: "https" },
};

const proxied = (ip: string) => ({ ip, ipMode: "Proxy" });
const statusOf = (...ips: string[]) => ({ status: { loadBalancer: { ingress: ips.map(proxied) } } });
const addresses = statusOf("203.0.113.7", "2001:db8::7");

const build =
  (changed: Partial<CcmLoadBalancerArgs> = {}) =>
  () =>
    new CcmLoadBalancer("lb", { ...args, ...changed }, { providers: providers() });

const make = (changed: Partial<CcmLoadBalancerArgs> = {}, outputs: object = addresses) =>
  run(build(changed), { answers: { [type]: { ...outputs } } });

describe("CcmLoadBalancer", () => {
  it("forwards both ports to the controller's pods, and preserves the client address", async () => {
    const { metadata, spec } = find((await make()).resources, ":Service", "lb").inputs;
    const { annotations, ...rest } = metadata as Record<string, object>;
    assert.ok(annotations);
    assert.deepEqual(rest, { name: "k3s-lb", namespace: "ingress-nginx" });
    assert.deepEqual(spec, {
      type: "LoadBalancer",
      externalTrafficPolicy: "Local",
      selector: { "app.kubernetes.io/name": "ingress-nginx" },
      ports: [
        { name: "http", port: 80, targetPort: 80 },
        { name: "https", port: 443, targetPort: "https" },
      ],
    });
  });

  const annotationsOf = async (changed?: Partial<CcmLoadBalancerArgs>) => {
    const { metadata } = find((await make(changed)).resources, ":Service", "lb").inputs;
    return (metadata as { annotations: Record<string, string> }).annotations;
  };
  const prefix = "load-balancer.hetzner.cloud/";

  it("sets the CCM annotations, with public addresses only in the status", async () =>
    assert.deepEqual(await annotationsOf(), {
      [`${prefix}name`]: "k3s-lb",
      [`${prefix}type`]: "lb11",
      [`${prefix}location`]: "fsn1",
      [`${prefix}algorithm-type`]: "round_robin",
      [`${prefix}use-private-ip`]: "true",
      [`${prefix}disable-private-ingress`]: "true",
      [`${prefix}ipv6-disabled`]: "false",
      [`${prefix}private-ipv4`]: "10.0.0.2",
      [`${prefix}uses-proxyprotocol`]: "true",
      [`${prefix}health-check-interval`]: "15s",
      [`${prefix}health-check-timeout`]: "10s",
      [`${prefix}health-check-retries`]: "3",
    }));

  it("is replaced on a change of location", async () => {
    const trigger = async (location: CcmLoadBalancerArgs["location"]) =>
      find((await make({ location })).resources, ":Service", "lb").replacementTrigger;
    assert.equal(await trigger({ location: "fsn1" }), "location fsn1");
    assert.equal(await trigger({ location: "nbg1" }), "location nbg1");
    assert.equal(await trigger({ networkZone: "eu-central" }), "networkZone eu-central");
  });

  it("returns the addresses of the status, and the configured private address", async () => {
    const { result, outputs } = await make();
    assert.equal(await value(result.ipv4), "203.0.113.7");
    assert.deepEqual(outputs.find(({ of }) => of.endsWith(" lb"))?.outputs, {
      ipv4: "203.0.113.7",
      ipv6: "2001:db8::7",
      privateIpv4: "10.0.0.2",
      proxyProtocol: true,
    });
  });

  it("ignores private addresses, in any order", async () => {
    const status = statusOf("fd00::1", "10.0.0.2", "172.16.0.2", "192.168.0.2", "2001:db8::7", "203.0.113.7");
    const { result } = await make({}, status);
    assert.equal(await value(result.ipv4), "203.0.113.7");
    assert.equal(result.ipv6 && (await value(result.ipv6)), "2001:db8::7");
  });

  it("returns no IPv6 address if it is not used", async () =>
    assert.equal((await make({ ipv6: false }, statusOf("203.0.113.7"))).result.ipv6, undefined));

  for (const [title, outputs] of [
    ["no status", {}],
    ["an empty status", { status: { loadBalancer: {} } }],
    ["private addresses only", statusOf("10.0.0.2")],
  ] as const)
    it(`fails if the Service has ${title}`, async () => {
      const { fault } = await attempt(build({ ipv6: false }), { answers: { [type]: outputs } });
      assert.match(
        fault?.message ?? "",
        /The Service k3s-lb has no public IPv4 address \(its status has (none|10\.0\.0\.2)\)\. Check that Hetzner's cloud/,
      );
    });
});

describe("CcmLoadBalancer name check", () => {
  const attemptWithExisting = (changed: Partial<CcmLoadBalancerArgs>, options: RunOptions = {}) =>
    attempt(build(changed), {
      answers: { [type]: addresses, [listFunction]: { loadBalancers: [existing] } },
      ...options,
    });

  for (const preview of [true, false])
    it(`reports a conflict in ${preview ? "a preview" : "an update"}`, async () => {
      const { fault, logs, calls } = await attemptWithExisting({}, { preview });
      const message = preview ? logs[0]?.message : fault?.message;
      assert.ok(message?.includes(ccmNameConflict(existing)), message);
      assert.deepEqual(calls, [{ token: listFunction, inputs: {}, provider: "hcloud" }]);
    });

  it("ignores load balancers of other names, and creates a replacement first", async () => {
    const { fault, resources } = await attemptWithExisting({ name: "another" });
    assert.equal(fault, undefined);
    assert.equal(find(resources, ":Service", "lb").createBeforeDelete, true);
  });

  it("deletes first and does not check if allowReplacement is set", async () => {
    const { fault, calls, resources } = await attemptWithExisting({ allowReplacement: true });
    assert.equal(fault, undefined);
    assert.deepEqual(calls, []);
    assert.equal(find(resources, ":Service", "lb").deleteBeforeReplace, true);
  });
});
