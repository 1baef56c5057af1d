import * as assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import * as tls from "node:tls";

import { TestCa } from "./network/test-ca";
import { browser } from "./network/network-addresses";
import { request } from "./browser";
import { pastTheEdge, assertReachesApi } from "./checks";
import { environment } from "./shared-environment";
import { until } from "./wait-until";

const isAcme = (certificate: X509Certificate): boolean => certificate.issuer.includes("Pebble");

const inSecret = async () => {
  const pem = await environment.issuing.chain("traefik");
  return pem === undefined ? undefined : new X509Certificate(pem);
};

/** The serial number of the origin's certificate. */
const shown = (): Promise<string | undefined> =>
  new Promise((resolve, reject) => {
    const { at: host, ca, client } = pastTheEdge(environment);
    const servername = "admin.example.com";
    const socket = tls.connect(
      { host, port: 443, servername, ca, rejectUnauthorized: false, ...client },
      () => {
        resolve(socket.getPeerX509Certificate()?.serialNumber);
        socket.end();
      },
    );
    socket.on("error", reject);
  });

/** Waits until the controller serves the ACME server's certificate. */
async function issued(): Promise<X509Certificate> {
  const certificate = await until(
    "the ACME server's certificate",
    async () => {
      const found = await inSecret();
      return found !== undefined && isAcme(found) && found;
    },
    150,
  );
  await until("Traefik showing it", async () => (await shown()) === certificate.serialNumber, 20);
  return certificate;
}

describe("the controller's certificate", () => {
  it("is the wildcard that the ACME server issued through DNS-01, instead of the former one", async () => {
    const { subjectAltName } = await issued();
    assert.deepEqual(subjectAltName?.split(", ").sort(), ["DNS:*.example.com", "DNS:example.com"]);
    environment.edge.forget();
    await assertReachesApi();
  });

  it("is rejected by the edge when it has expired, and replaced", async () => {
    const asked = async () => {
      environment.edge.forget();
      return (await request("https://example.com/", { from: browser(41) })).status;
    };
    await environment.issuing.expired("traefik", () =>
      until("the edge's refusal", async () => (await asked()) === 526, 20),
    );
    await issued();
    // Each replica reads it by itself, from the TLSStore and from the Gateway.
    await until("the edge's acceptance", async () => (await asked()) === 200, 20);
  });

  it("would be rejected if its CA were unknown to the edge", async () => {
    const usual = environment.edgeTrusts;
    const { cert } = await TestCa.create("Nobody");
    environment.edgeTrusts = () => cert;
    environment.edge.forget();
    try {
      assert.equal((await request("https://example.com/", { from: browser(40) })).status, 526);
    } finally {
      environment.edgeTrusts = usual;
      environment.edge.forget();
    }
  });
});
