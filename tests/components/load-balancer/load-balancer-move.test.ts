import * as assert from "node:assert/strict";

import * as hcloud from "@pulumi/hcloud";

import {
  describeProtected,
  checkMoveToCcm,
  type MoveToCcm,
} from "../../../components/load-balancer/load-balancer-move";
import { ccmNameConflict } from "../../../components/load-balancer/load-balancer-address";
import { attemptProgram, changed, stackConfig } from "../../config";
import { attempt } from "../../harness";
import { serviceStatus, standingLoadBalancer, throughService } from "../../through-service";

const token = "hcloud:index/getLoadBalancers:getLoadBalancers";
const move: MoveToCcm = { managedBy: "ccm", name: "k3s-lb", allowReplacement: false };
const standing = { ...standingLoadBalancer, deleteProtection: true };
const unprotected = { ...standing, deleteProtection: false };
const ofService = { ...standing, labels: { "hcloud-ccm/service-uid": "6a5c" } };

describe("unprotectedForCcm", () => {
  const rows: readonly [what: string, MoveToCcm, typeof standing, refused: string | undefined][] = [
    ["a protected load balancer", move, standing, describeProtected(standing)],
    [
      "that too where it may be lost",
      { ...move, allowReplacement: true },
      standing,
      describeProtected(standing),
    ],
    ["one that is not protected", move, unprotected, ccmNameConflict("", unprotected)],
    ["not one that may be lost", { ...move, allowReplacement: true }, unprotected, undefined],
    ["not a Service's", move, ofService, undefined],
    ["not one of another name", { ...move, name: "other" }, standing, undefined],
    ["nothing with managedBy: pulumi", { ...move, managedBy: "pulumi" }, standing, undefined],
  ];
  for (const [what, wanted, there, refused] of rows)
    it(`refuses ${what}`, async () => {
      const ask = () => checkMoveToCcm(wanted, { provider: new hcloud.Provider("hcloud", {}) });
      const { fault } = await attempt(ask, { answers: { [token]: { loadBalancers: [there] } } });
      assert.equal(fault?.message, refused);
    });
});

describe("managedBy: ccm after a protected load balancer of Pulumi's", () => {
  for (const preview of [true, false])
    it(`changes nothing in the cluster or at the edge, and says the steps, ${preview ? "in preview" : "in up"}`, async () => {
      const config = changed(throughService(stackConfig("prod")), {
        "loadBalancer.allowReplacement": "k3s-lb",
      });
      const answers = { ...serviceStatus, [token]: { loadBalancers: [standing] } };
      const { fault, resources } = await attemptProgram(config, { preview, answers });
      assert.ok(fault?.message.includes(describeProtected(standing)), fault?.message);
      assert.deepEqual(
        resources.filter(({ type }) => /^(kubernetes|cloudflare|hcloud):/.test(type)).map(({ name }) => name),
        [],
      );
    });
});
