import * as assert from "node:assert/strict";

import { controllerNames, type ControllerName } from "../../components/ingress/controllers";
import { mutate, setInput, type MutationCase } from "./mutation";
import { mutationsAny } from "./mutations-any";
import { mutationsCcm } from "./mutations-ccm";
import { mutationsGateway } from "./mutations-gateway";
import { mutationsNginx } from "./mutations-nginx";
import { mutationsTraefik } from "./mutations-traefik";
import { FullStack } from "./full-stack";

describe("the invariants", () => {
  const check = (stack: FullStack, cases: readonly MutationCase[]) => {
    before(() => stack.deploy());
    it("hold without a mutation", () => stack.check());
    for (const [type, name, mutation, message] of cases)
      it(`fail: ${message.source.replaceAll("\\", "")} (${type} ${name})`, () =>
        assert.throws(() => stack.check(mutate(type, name, mutation)), message));
  };
  const mutations: Readonly<Record<ControllerName, readonly MutationCase[]>> = {
    traefik: mutationsTraefik,
    nginx: mutationsNginx,
    gateway: mutationsGateway,
  };
  for (const controller of controllerNames)
    describe(`with ${controller}`, () =>
      check(new FullStack(controller), [...mutationsAny, ...mutations[controller]]));
  describe("with a load balancer by the cloud controller manager", () =>
    check(new FullStack("traefik", "ccm"), mutationsCcm));
  describe("with ingress-nginx, which needs the Service of the cloud controller manager", () =>
    check(new FullStack("nginx", "ccm"), [
      [
        "Release",
        "ingress-nginx-chart",
        setInput(["skipAwait"], false),
        /a deadlock: .*readiness of \S+:Release ingress-nginx-chart waits for creation of \S+:Service load-balancer/,
      ],
    ]));
});
