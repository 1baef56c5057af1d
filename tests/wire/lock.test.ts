import * as assert from "node:assert/strict";
import * as tls from "node:tls";

import { addresses } from "./network/network-addresses";
import { request } from "./browser";
import { assertRefusesOldTls, assertRefusedPastTheEdge, assertRequiresTls13, pastTheEdge } from "./checks";
import { apply, remove } from "./deployment";
import { environment } from "./shared-environment";
import { until } from "./wait-until";

describe("a request that bypasses Cloudflare", () => {
  it("fails without a client certificate", () => assertRefusedPastTheEdge(environment));

  it("fails with Cloudflare's shared certificate", () =>
    assertRefusedPastTheEdge(environment, environment.shared));

  it("succeeds with the zone's own certificate, and only from Cloudflare's addresses", async () => {
    const past = pastTheEdge(environment);
    assert.ok(past.client !== undefined);
    assert.equal((await request("https://www.example.com/", past)).status, 200);
    assert.equal(
      (await request("https://www.example.com/", { ...past, from: addresses.stranger })).status,
      403,
    );
  });
});

describe("an old client", () => {
  it("is rejected with TLS 1.1, and served with TLS 1.2, by a host that is open to all", () =>
    assertRefusesOldTls(environment));

  it("is rejected with TLS 1.2 by a host with the origin lock", () => assertRequiresTls13(environment));
});

describe("a connection for one host", () => {
  /** The status of a request for one host over a connection for another. */
  const ask = async (connection: string, host: string) =>
    (
      await request(`https://${connection}.example.com/`, {
        ...past(),
        headers: { host: `${host}.example.com` },
      })
    ).status;
  const past = () => pastTheEdge(environment);

  it("serves no other host with other TLS options", async () => {
    assert.equal(await ask("direct", "direct"), 200);
    assert.equal(await ask("direct", "www"), 421);
    assert.equal(await ask("www", "www"), 200);
    assert.equal(await ask("www", "direct"), 421);
  });
});

describe("an Ingress that the program did not create", () => {
  const host = "unknown.example.com";
  const at = "/apis/networking.k8s.io/v1/namespaces/production/ingresses/unknown";
  const backend = { service: { name: "web-frontend", port: { number: 80 } } };
  before(() =>
    apply(at, {
      apiVersion: "networking.k8s.io/v1",
      kind: "Ingress",
      metadata: { name: "unknown", namespace: "production" },
      spec: {
        ingressClassName: "traefik",
        rules: [{ host, http: { paths: [{ path: "/", pathType: "Prefix", backend }] } }],
      },
    }),
  );
  after(() => remove(at));

  it("has the origin lock", async () => {
    const { client, ...stranger } = pastTheEdge(environment);
    const edge = { ...stranger, ...(client && { client }) };
    await until("it is served", async () => (await request(`https://${host}/`, edge)).status === 200);
    await assert.rejects(request(`https://${host}/`, stranger), /alert|socket hang up|ECONNRESET|EPROTO/i);
  });
});

describe("a client that names no host of the stack", () => {
  /** The error of a TLS handshake, or the certificate that the server presents. */
  const shakeHands = (servername: string | undefined) =>
    new Promise<string>((resolve) => {
      const { at: address, from } = pastTheEdge(environment);
      const socket: tls.TLSSocket = tls.connect(
        {
          host: address,
          port: 443,
          localAddress: from,
          rejectUnauthorized: false,
          ...(servername !== undefined && { servername }),
        } as tls.ConnectionOptions,
        () => {
          const { subjectaltname = "" } = socket.getPeerCertificate();
          resolve(subjectaltname);
          socket.destroy();
        },
      );
      socket.on("error", ({ message }: Error) => resolve(message));
    });

  it("gets no certificate", async () => {
    assert.match(await shakeHands("direct.example.com"), /DNS:\*\.example\.com/);
    for (const name of [undefined, "example.net"]) assert.match(await shakeHands(name), /unrecognized name/);
  });
});
