import assert from "node:assert/strict";

import { SandboxError } from "../../sandbox/sandbox-error";
import { refuseCcm } from "../../sandbox/refuse-ccm";

describe("A load balancer in the sandbox", () => {
  it("cannot be one that a cloud controller manager makes, and says why in one line", () =>
    assert.throws(
      () => refuseCcm({ managedBy: "ccm", name: "k3s-lb" }),
      (error) =>
        error instanceof SandboxError &&
        /^loadBalancer\.managedBy is ccm, and the sandbox's cluster runs no cloud controller manager/.test(
          error.message,
        ) &&
        !error.message.includes("\n"),
    ));

  for (const loadBalancer of [{ managedBy: "pulumi" }, { name: "k3s-lb" }, "ccm", undefined])
    it(`is left to the settings when it is ${JSON.stringify(loadBalancer)}`, () => refuseCcm(loadBalancer));
});
