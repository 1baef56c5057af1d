import * as assert from "node:assert/strict";

import { DefaultTls } from "../../../components/origin-lock/default-tls";
import { childrenOf, find, run } from "../../harness";
import { providers } from "../providers";

const create = (controller: "gateway" | "nginx" | "traefik", clientCertificate: boolean) =>
  run(
    () =>
      new DefaultTls(
        "default-tls",
        { controller, namespace: "traefik", clientCertificate },
        { providers: providers() },
      ),
  );

describe("DefaultTls", () => {
  for (const controller of ["traefik", "gateway"] as const)
    for (const clientCertificate of [true, false])
      it(`${clientCertificate ? "locks" : "does not lock"} hosts without TLS options with ${controller}`, async () => {
        const { resources } = await create(controller, clientCertificate);
        const { metadata, spec } = find(resources, ":TLSOption", "default-tls").inputs;
        assert.deepEqual(metadata, { name: "default", namespace: "traefik" });
        const suites = ["AES_128_GCM_SHA256", "AES_256_GCM_SHA384", "CHACHA20_POLY1305_SHA256"];
        const clientAuth = { secretNames: ["origin-lock-ca"], clientAuthType: "RequireAndVerifyClientCert" };
        assert.deepEqual(
          spec,
          clientCertificate
            ? { minVersion: "VersionTLS13", sniStrict: true, clientAuth }
            : {
                minVersion: "VersionTLS12",
                sniStrict: true,
                cipherSuites: suites.flatMap((suite) => [
                  `TLS_ECDHE_ECDSA_WITH_${suite}`,
                  `TLS_ECDHE_RSA_WITH_${suite}`,
                ]),
              },
        );
      });

  it("creates nothing with nginx, which has no such default", async () => {
    const { resources } = await create("nginx", true);
    assert.deepEqual(childrenOf(resources, "default-tls"), []);
  });
});
