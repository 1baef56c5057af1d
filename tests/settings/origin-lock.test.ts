import * as assert from "node:assert/strict";

import { originLockOf, type LockSource } from "../../settings/origin-lock";

describe("the origin lock of a controller", () => {
  const source = (
    controller: LockSource["ingress"]["controller"],
    said: LockSource["originLock"],
  ): LockSource => ({
    ownsZone: true,
    originLock: said,
    loadBalancer: { proxyProtocol: true },
    dns: { proxied: true } as LockSource["dns"],
    ingress: { controller } as LockSource["ingress"],
  });

  const both = { clientCertificate: true, allowList: true, generation: 1 };
  const table: [
    controller: LockSource["ingress"]["controller"],
    said: LockSource["originLock"],
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
  for (const [controller, said, lock] of table)
    it(`is ${JSON.stringify(lock)} for ${controller} where ${JSON.stringify(said)} is said`, () =>
      assert.deepEqual(originLockOf(source(controller, said), []), lock));
});
