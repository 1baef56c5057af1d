import * as assert from "node:assert/strict";

import { buildTraefikValues } from "../../../components/ingress/controllers/traefik/traefik-values";
import { traefikFlags } from "./traefik-flags";
import { traefikObjects } from "./traefik-objects";
import { resolved, valuesArgs } from "../../components/ingress/args";

describe("Traefik's arguments", () => {
  const pod = "10.42.1.10";
  const values = (more: object = {}) => resolved(buildTraefikValues({ ...valuesArgs, ...more }));
  const entryPoints = `--entryPoints.web.address=${pod}:8000/tcp --entryPoints.websecure.address=${pod}:8443/tcp`;

  for (const [what, more, ...expected] of [
    [
      "follow from the chart's values",
      {},
      ...entryPoints.split(" "),
      "--entryPoints.web.http.redirections.entryPoint.to=:443",
      "--entryPoints.websecure.proxyProtocol.trustedIPs=10.0.0.9/32",
      "--entryPoints.websecure.transport.respondingTimeouts.readTimeout=3600s",
      "--entryPoints.websecure.http.tls=true",
      "--entryPoints.websecure.http.middlewares=traefik-client-address@kubernetescrd",
      "--providers.kubernetesingress.strictPrefixMatching=true",
      "--providers.kubernetescrd.nativeLBByDefault=true",
      "--providers.kubernetescrd.namespaces=traefik,production",
      "--providers.kubernetesingress.namespaces=traefik,production",
    ],
    ["enable Gateway API with readsGateways", { readsGateways: true }, "--providers.kubernetesgateway"],
  ] as const)
    it(what, async () => {
      const flags = traefikFlags(await values(more), pod);
      for (const flag of expected) assert.ok(flags.includes(flag), flag);
      const readsGateways = flags.some((flag) => flag.startsWith("--providers.kubernetesgateway"));
      assert.equal(readsGateways, "readsGateways" in more);
    });

  it("cannot be built from unsupported values", async () => {
    const given = await values();
    assert.throws(() => traefikFlags({ ...given, hub: {} }, pod), /hub/);
  });

  it("match the chart's objects", async () =>
    assert.deepEqual(
      Object.keys(traefikObjects(await values(), "traefik")).map((at) => at.split("/").slice(-2).join("/")),
      ["tlsoptions/open", "tlsstores/default", "middlewares/client-address", "ingressclasses/traefik"],
    ));
});
