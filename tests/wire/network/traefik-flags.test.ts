import * as assert from "node:assert/strict";

import { buildTraefikValues } from "../../../components/ingress/controllers/traefik/traefik-values";
import { traefikFlags } from "./traefik-flags";
import { traefikObjects } from "./traefik-objects";
import { resolved, valuesArgs } from "../../components/ingress/args";

describe("Traefik's arguments", () => {
  it("follow from the chart's values", async () => {
    const flags = traefikFlags(await resolved(buildTraefikValues(valuesArgs)), "10.42.1.10");
    for (const flag of [
      "--entryPoints.web.address=10.42.1.10:8000/tcp",
      "--entryPoints.websecure.address=10.42.1.10:8443/tcp",
      "--entryPoints.web.http.redirections.entryPoint.to=:443",
      "--entryPoints.websecure.proxyProtocol.trustedIPs=10.0.0.9/32",
      "--entryPoints.websecure.transport.lifeCycle.requestAcceptGraceTimeout=60s",
      "--entryPoints.web.transport.respondingTimeouts.readTimeout=10s",
      "--entryPoints.websecure.transport.respondingTimeouts.readTimeout=3600s",
      "--entryPoints.websecure.transport.respondingTimeouts.idleTimeout=180s",
      "--entryPoints.websecure.transport.keepAliveMaxTime=180s",
      "--entryPoints.websecure.http.middlewares=traefik-client-address@kubernetescrd",
      "--providers.kubernetesingress.strictPrefixMatching=true",
      "--providers.kubernetescrd.nativeLBByDefault=true",
    ])
      assert.ok(flags.includes(flag), flag);
    assert.ok(!flags.some((flag) => flag.includes("kubernetesgateway")));
  });

  it("enable Gateway API with readsGateways", async () => {
    const flags = traefikFlags(
      await resolved(buildTraefikValues({ ...valuesArgs, readsGateways: true })),
      "10.42.1.10",
    );
    assert.ok(flags.includes("--providers.kubernetesgateway"));
  });

  it("cannot be built from unsupported values", async () => {
    const values = await resolved(buildTraefikValues(valuesArgs));
    assert.throws(() => traefikFlags({ ...values, hub: {} }, "10.42.1.10"), /hub/);
  });

  it("match the chart's objects", async () => {
    const objects = traefikObjects(await resolved(buildTraefikValues(valuesArgs)), "traefik");
    assert.deepEqual(
      Object.keys(objects).map((at) => at.split("/").slice(-2).join("/")),
      ["tlsoptions/default", "tlsstores/default", "middlewares/client-address", "ingressclasses/traefik"],
    );
  });
});
