import * as assert from "node:assert/strict";

import * as hcloud from "@pulumi/hcloud";

import {
  protectedMessage,
  checkMoveToCcm,
  type MoveToCcm,
} from "../../../components/load-balancer/load-balancer-move";
import { ccmNameConflict } from "../../../components/load-balancer/load-balancer-address";
import { attemptProgram, changed, stackConfig } from "../../config";
import { attempt } from "../../harness";
import { serviceStatus, existingLoadBalancer, throughService } from "../../through-service";
import { listFunction } from "./created-load-balancer";

const move: MoveToCcm = { managedBy: "ccm", name: "k3s-lb", allowReplacement: false };
const existing = { ...existingLoadBalancer, deleteProtection: true };
const unprotected = { ...existing, deleteProtection: false };
const withServiceLabel = { ...existing, labels: { "hcloud-ccm/service-uid": "6a5c" } };

describe("checkMoveToCcm", () => {
  const rows: readonly [title: string, MoveToCcm, typeof existing, error: string | undefined][] = [
    ["fails for a protected load balancer", move, existing, protectedMessage(existing)],
    [
      "fails for a protected one with allowReplacement too",
      { ...move, allowReplacement: true },
      existing,
      protectedMessage(existing),
    ],
    ["fails for an unprotected one", move, unprotected, ccmNameConflict(unprotected)],
    [
      "accepts an unprotected one with allowReplacement",
      { ...move, allowReplacement: true },
      unprotected,
      undefined,
    ],
    ["accepts that of a Service", move, withServiceLabel, undefined],
    ["accepts one of another name", { ...move, name: "other" }, existing, undefined],
    ["checks nothing with managedBy: pulumi", { ...move, managedBy: "pulumi" }, existing, undefined],
  ];
  for (const [title, args, found, error] of rows)
    it(title, async () => {
      const check = () => checkMoveToCcm(args, { provider: new hcloud.Provider("hcloud", {}) });
      const { fault } = await attempt(check, { answers: { [listFunction]: { loadBalancers: [found] } } });
      assert.equal(fault?.message, error);
    });
});

describe("managedBy: ccm with a protected load balancer of Pulumi", () => {
  for (const preview of [true, false])
    it(`lists the steps and changes nothing in ${preview ? "a preview" : "an update"}`, async () => {
      const config = changed(throughService(stackConfig("prod")), {
        "loadBalancer.allowReplacement": "k3s-lb",
      });
      const answers = { ...serviceStatus, [listFunction]: { loadBalancers: [existing] } };
      const { fault, resources } = await attemptProgram(config, { preview, answers });
      assert.ok(fault?.message.includes(protectedMessage(existing)), fault?.message);
      assert.deepEqual(
        resources.filter(({ type }) => /^(kubernetes|cloudflare|hcloud):/.test(type)).map(({ name }) => name),
        [],
      );
    });
});
