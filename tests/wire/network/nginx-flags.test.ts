import * as assert from "node:assert/strict";

import { buildNginxValues } from "../../../components/ingress/controllers/nginx/nginx-values";
import { parseNginxValues, nginxFlags } from "./nginx-flags";
import { resolved, valuesArgs } from "../../components/ingress/args";

describe("the arguments of the stand-in for ingress-nginx", () => {
  it("follow from the chart's values", async () => {
    const values = await resolved(buildNginxValues({ ...valuesArgs, defaultCertificate: "wildcard-tls" }));
    const flags = nginxFlags(values, "10.42.1.100", "/certificate");
    for (const flag of [
      "--entryPoints.https.address=10.42.1.100:443/tcp",
      "--providers.kubernetesIngressNGINX.ingressClass=nginx",
      "--providers.file.directory=/certificate",
    ])
      assert.ok(flags.includes(flag), `${flag} is not in\n${flags.join("\n")}`);
    assert.ok(flags.some((flag) => flag.startsWith("--entryPoints.https.proxyProtocol.trustedIPs=")));
    const { nodePorts, probe } = parseNginxValues(values);
    assert.deepEqual(Object.values(nodePorts), [80, 443]);
    assert.deepEqual(probe, { port: 10254, path: "/healthz", periodSeconds: 10, failureThreshold: 7 });
  });

  it("cannot be built from unsupported values", () =>
    assert.throws(() => nginxFlags({ controller: {} }, "10.42.1.100", "/certificate")));
});
