import * as assert from "node:assert/strict";

import { resolveOriginLock, type OriginLockFacts } from "../../settings/origin-lock/resolve";

describe("the origin lock of a controller", () => {
  const source = (
    controller: OriginLockFacts["ingress"]["controller"],
    given: OriginLockFacts["originLock"],
  ): OriginLockFacts => ({
    ownsZone: true,
    originLock: given,
    loadBalancer: { proxyProtocol: true },
    dns: { proxied: true },
    ingress: { controller },
    zone: { hosts: [] },
  });

  const both = { clientCertificate: true, allowList: true, generation: 1 };
  const table: [
    controller: OriginLockFacts["ingress"]["controller"],
    given: OriginLockFacts["originLock"],
    lock: unknown,
  ][] = [
    ["traefik", undefined, both],
    ["gateway", undefined, both],
    ["gateway", { clientCertificate: false }, { ...both, clientCertificate: false }],
    ["nginx", undefined, { ...both, allowList: false }],
    ["nginx", { allowList: true }, both],
    ["nginx", { clientCertificate: false }, { ...both, clientCertificate: false }],
    ["nginx", { clientCertificate: false, allowList: false }, undefined],
  ];
  for (const [controller, given, lock] of table)
    it(`is ${JSON.stringify(lock)} for ${controller} with ${JSON.stringify(given)}`, () =>
      assert.deepEqual(resolveOriginLock(source(controller, given)), lock));
});
