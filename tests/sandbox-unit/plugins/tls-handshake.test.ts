import { once } from "node:events";
import * as assert from "node:assert/strict";
import * as net from "node:net";
import * as tls from "node:tls";

import { authority, signed } from "./made-by-tls";
import type { Props } from "../../../sandbox/plugins/stand-in";

type Authority = Awaited<ReturnType<typeof authority>>;

/** Real time: a handshake looks at the clock. */
const valid = { validityPeriodHours: 24 * 365 * 100 };

const clientOf = async (ca: Authority, inputs: Props = {}) => {
  const { privateKeyPem, certificate } = await signed(ca, { ...valid, ...inputs });
  return { key: privateKeyPem, cert: certificate.certPem };
};

describe("certificates of the stand-in in a TLS handshake", () => {
  let server: tls.Server;
  let trusted: Authority;

  before(async () => {
    trusted = await authority(valid);
    const uses = { allowedUses: ["server_auth", "digital_signature"], ...valid };
    const origin = await signed(trusted, uses, { ipAddresses: ["127.0.0.1"] });
    server = tls.createServer({
      key: origin.privateKeyPem,
      cert: origin.certificate.certPem,
      ca: trusted.caCertPem,
      requestCert: true,
      rejectUnauthorized: true,
    });
    server.on("secureConnection", (socket) => socket.on("error", () => undefined).end());
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  after(() => server.close());

  /** How the server sees a client that trusts the CA: "taken", or its reason to refuse. */
  const seen = async (client: tls.ConnectionOptions) => {
    const over = new AbortController();
    const taken = once(server, "secureConnection", over).then(() => "taken");
    const refused = once(server, "tlsClientError", over).then(([error, socket]) => {
      const { code } = error as NodeJS.ErrnoException;
      // The server looks at the certificate after the handshake, and then just hangs up.
      return code === "ECONNRESET" ? String((socket as tls.TLSSocket).authorizationError) : code;
    });
    const { port } = server.address() as net.AddressInfo;
    const socket = tls.connect({ host: "127.0.0.1", port, ca: trusted.caCertPem, ...client });
    socket.on("error", () => undefined);
    try {
      return await Promise.race([taken, refused]);
    } finally {
      socket.destroy();
      over.abort();
      await Promise.allSettled([taken, refused]);
    }
  };

  it("let a client of the CA in", async () => {
    assert.equal(await seen(await clientOf(trusted)), "taken");
  });

  it("keep a client of another CA out, though that one has the same name", async () => {
    const other = await authority(valid);
    assert.equal(await seen(await clientOf(other)), "UNABLE_TO_VERIFY_LEAF_SIGNATURE");
  });

  it("keep a client without a certificate out", async () => {
    assert.equal(await seen({}), "ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE");
  });

  it("keep out a certificate that was not allowed to be a client's", async () => {
    assert.equal(await seen(await clientOf(trusted, { allowedUses: ["server_auth"] })), "INVALID_PURPOSE");
  });

  it("keep out a certificate past its time", async () => {
    assert.equal(await seen(await clientOf(trusted, { validityPeriodHours: 0 })), "CERT_HAS_EXPIRED");
  });
});
