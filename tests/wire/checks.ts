import * as assert from "node:assert/strict";

import type { ReceivedRequest } from "./network/http-backend";
import type { CertificatePair } from "./network/test-ca";
import { browser, addresses } from "./network/network-addresses";
import { request, type BrowserResponse } from "./browser";
import type { TestEnvironment } from "./test-environment";

/** Checks of the path. Each is run on the deployed path, where it passes, and on a broken one, where it must fail. */
export const assertReachesApi = async (): Promise<void> => {
  const { status, seen } = await request("https://api.example.com/v1/users");
  assert.deepEqual([status, seen?.app], [200, "api-gateway"]);
};

/** Headers in which backends look for the client's address. */
const clientHeaders = [
  "cf-connecting-ip",
  "true-client-ip",
  "x-real-ip",
  "x-client-ip",
  "x-cluster-client-ip",
  "forwarded",
];

/** Asserts the client's address at a backend: one header has it, and no other has a different one. */
function assertClient(seen: ReceivedRequest | undefined, address: string): asserts seen is ReceivedRequest {
  assert.ok(seen !== undefined, "no backend answered");
  const { headers } = seen;
  assert.equal(headers["cf-connecting-ip"], address);
  // The edge's own address comes last, since Traefik puts its peer there; the client's is right before it.
  const hops = String(headers["x-forwarded-for"]).split(", ");
  assert.deepEqual(hops.slice(-2), [address, addresses.edgeOut]);
  for (const name of clientHeaders)
    if (headers[name] !== undefined) assert.equal(headers[name], address, name);
}

export const assertClientAddress = async (): Promise<void> => {
  for (const from of [browser(1), browser(2)])
    assertClient((await request("https://example.com/", { from })).seen, from);
};

const forged = "198.18.66.66";

/** Headers from which apps learn what the client asked for, and which nobody on the path writes. */
const urlHeaders = {
  "x-forwarded-host": "evil.example",
  "x-forwarded-port": "8443",
  "x-forwarded-prefix": "/evil",
  "x-forwarded-server": "evil",
  "x-forwarded-uri": "/evil",
  "x-forwarded-method": "DELETE",
  "x-forwarded-tls-client-cert": "evil",
  "x-forwarded-tls-client-cert-info": "evil",
  "x-original-host": "evil.example",
  "x-original-url": "/evil",
  "x-rewrite-url": "/evil",
  "x-replaced-path": "/evil",
} as const;

/** The same headers with underscores, which apps behind WSGI, CGI or PHP read as the same. */
const withUnderscores = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.replaceAll("-", "_"), value]));

const forgedAddresses = {
  "x-forwarded-for": forged,
  "cf-connecting-ip": forged,
  "x-real-ip": forged,
  "true-client-ip": forged,
  "x-client-ip": forged,
  "x-cluster-client-ip": forged,
  forwarded: `for=${forged}`,
} as const;

const forgedHeaders = {
  ...forgedAddresses,
  ...urlHeaders,
  ...withUnderscores(forgedAddresses),
  ...withUnderscores(urlHeaders),
};

/** Asserts that none of the forged headers has reached a backend but those that the path itself writes. */
function assertNotForged({ headers }: ReceivedRequest): void {
  const reached = Object.entries(headers).filter(
    ([name, value]) =>
      name in urlHeaders ||
      name.includes("_") ||
      (name !== "x-forwarded-for" && String(value).includes(forged)),
  );
  assert.deepEqual(reached, []);
}

export const assertForgedHeadersIgnored = async (): Promise<void> => {
  const { seen } = await request("https://example.com/", { from: browser(3), headers: forgedHeaders });
  assertClient(seen, browser(3));
  assertNotForged(seen);
};

/** The same at a name that bypasses the edge, where only the load balancer passes the client's address. */
export async function assertForgedHeadersIgnoredPastTheEdge({ issuing }: TestEnvironment): Promise<void> {
  const from = browser(4);
  const { seen } = await request("https://direct.example.com/", {
    from,
    ca: issuing.cas,
    headers: forgedHeaders,
  });
  assert.equal(seen?.headers["x-forwarded-for"], from);
  for (const name of clientHeaders) assert.equal(seen.headers[name], undefined, name);
  assertNotForged(seen);
}

/** The same from one of Cloudflare's own addresses, as from a Worker of somebody else. */
export async function assertForgedHeadersOfAWorkerIgnored({ issuing }: TestEnvironment): Promise<void> {
  const { seen } = await request("https://direct.example.com/", {
    from: addresses.edgeOut,
    ca: issuing.cas,
    headers: forgedHeaders,
  });
  assert.equal(seen?.headers["x-forwarded-for"], addresses.edgeOut);
  assertNotForged(seen);
}

/** Sends many requests of one client. @returns how often each status came. */
async function countStatuses(
  count: number,
  url: string,
  from: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Readonly<Record<number, number>>> {
  const counts: Record<number, number> = {};
  for (let sent = 0; sent < count; sent += 20)
    await Promise.all(
      Array.from({ length: Math.min(20, count - sent) }, async () => {
        const { status } = await request(url, { from, headers });
        counts[status] = (counts[status] ?? 0) + 1;
      }),
    );
  return counts;
}

/** Sends many requests of one client to the API. @returns how many were served, and how many refused. */
export async function burst(count: number, from: string, headers?: Readonly<Record<string, string>>) {
  const { 200: served = 0, 429: refused = 0 } = await countStatuses(
    count,
    "https://api.example.com/v1/burst",
    from,
    headers,
  );
  return { served, refused };
}

/** Asserts that each replica of the controller compares only some of one client's passwords, and refuses the others. */
export async function assertLimitsPasswordGuesses(environment: TestEnvironment, from: string): Promise<void> {
  const began = Date.now();
  const replicas = environment.replicas("traefik").all.length;
  const authorization = `Basic ${Buffer.from("admin:guess").toString("base64")}`;
  const count = replicas * 150;
  const { 401: compared = 0, 429: refused = 0 } = await countStatuses(
    count,
    "https://admin.example.com/",
    from,
    { authorization },
  );
  const most = replicas * (90 + Math.ceil(((Date.now() - began) / 1000) * 5) + 1);
  assert.equal(compared + refused, count);
  assert.ok(refused > 0 && compared <= most, `${compared} of ${count} were compared, at most ${most} may be`);
}

/** Asserts that each replica of the controller limits one client, and not another. */
export async function assertLimitsOneClient(
  environment: TestEnvironment,
  limited: string,
  other: string,
): Promise<void> {
  const began = Date.now();
  const replicas = environment.replicas("traefik").all.length;
  const { served, refused } = await burst(replicas * 90, limited);
  const most = replicas * (50 + Math.ceil((((Date.now() - began) / 1000) * 100) / 60) + 1);
  assert.equal(served + refused, replicas * 90);
  assert.ok(
    refused > 0 && served <= most,
    `${served} of ${replicas * 90} were served, at most ${most} may be`,
  );
  assert.equal((await request("https://api.example.com/v1/", { from: other })).status, 200);
}

/** Asserts that a host requires the generated password and does not pass it to the app. */
export async function assertRequiresPassword(environment: TestEnvironment, app: string): Promise<void> {
  const url = `https://${app}.example.com/`;
  const as = (password: string) => ({
    authorization: `Basic ${Buffer.from(`admin:${password}`).toString("base64")}`,
  });
  const asked = await request(url);
  assert.equal(asked.status, 401);
  assert.match(asked.headers["www-authenticate"] ?? "", /^Basic /);
  assert.equal((await request(url, { headers: as("wrong") })).status, 401);
  const [, password = ""] = [...environment.passwords].find(([name]) => name.startsWith(`${app}-`)) ?? [];
  const { status, seen } = await request(url, { headers: as(password) });
  assert.deepEqual([status, seen?.app], [200, app]);
  assert.equal(seen?.headers.authorization, undefined, "the app sees the password");
}

/** A browser's CORS preflight request for a call of a page. */
const preflight = (origin: string): Promise<BrowserResponse> =>
  request("https://api.example.com/v1/users", {
    method: "OPTIONS",
    from: browser(30),
    headers: {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": "content-type",
    },
  });

export const assertCorsForOurSite = async (): Promise<void> => {
  const ours = await preflight("https://example.com");
  assert.deepEqual([ours.status, ours.headers["access-control-allow-origin"]], [200, "https://example.com"]);
  assert.match(ours.headers["access-control-allow-methods"] ?? "", /POST/);
  const other = await preflight("https://evil.example.org");
  assert.equal(other.headers["access-control-allow-origin"], undefined);
};

/** Pages of any name below example.com may call with cookies, and read a header; other pages may not. */
export const assertCorsWithCookies = async (): Promise<void> => {
  const call = (origin: string, more: object = {}) =>
    request("https://shop.example.com/", { headers: { origin, cookie: "session=1", ...more } });
  const allowed = await call("https://app.example.com");
  assert.equal(allowed.seen?.headers.cookie, "session=1");
  assert.equal(allowed.headers["access-control-allow-origin"], "https://app.example.com");
  assert.equal(allowed.headers["access-control-allow-credentials"], "true");
  assert.equal(allowed.headers["access-control-expose-headers"], "X-Total");
  for (const other of ["https://a.b.example.com", "https://appXexample.com", "http://app.example.com"])
    assert.equal((await call(other)).headers["access-control-allow-origin"], undefined, other);
};

/** The other app admits a request, and tells who it is from; what a client says of that does not reach the app. */
export const assertForwardAuth = async (): Promise<void> => {
  const call = (headers: Readonly<Record<string, string>>) =>
    request("https://vault.example.com/", { headers });
  const refused: readonly Readonly<Record<string, string>>[] = [
    {},
    { cookie: "session=bad" },
    { "x-user": "ann" },
  ];
  for (const headers of refused) assert.equal((await call(headers)).status, 401);
  const { status, seen } = await call({ cookie: "session=good", "x-user": "root", X_User: "root" });
  assert.deepEqual([status, seen?.app, seen?.headers["x-user"]], [200, "vault", "ann"]);
  assert.equal(seen?.headers.x_user, undefined);
};

/** A host leads to the app's second port. */
export const assertSecondPort = async (): Promise<void> => {
  const { status, seen } = await request("https://side.example.com/");
  assert.deepEqual([status, seen?.app, seen?.port], [200, "vault", 9001]);
};

/** An app that speaks TLS is asked by its name, and its certificate is verified. */
export const assertTlsBackend = async (): Promise<void> => {
  const { status, seen } = await request("https://ledger.example.com/");
  assert.deepEqual([status, seen?.app, seen?.serverName], [200, "ledger", "ledger.production.svc"]);
};

/** The app gets the path in place of the prefix, and other paths unchanged. */
export const assertRewritten = async (): Promise<void> => {
  for (const [path, wanted] of [
    ["/old/api", "/v2"],
    ["/old/api/", "/v2/"],
    ["/old/api/users?a=%2F", "/v2/users?a=%2F"],
    ["/old/api/a%20b", "/v2/a%20b"],
    ["/old/apis", "/old/apis"],
    ["/old", "/old"],
  ] as const) {
    const { status, seen } = await request(`https://shop.example.com${path}`, {
      headers: { "x-replaced-path": "/evil" },
    });
    assert.deepEqual([status, seen?.app, seen?.path], [200, "shop", wanted], path);
    const replaced = path === wanted ? undefined : path.replace(/\?.*/, "");
    assert.equal(seen?.headers["x-replaced-path"], replaced);
  }
};

/** A wildcard host serves every name without a route of its own, with a certificate that covers them. */
export async function assertWildcardHost({ issuing }: TestEnvironment): Promise<void> {
  for (const [url, app] of [
    ["https://one.tenants.example.com/", "shop"],
    ["https://two.tenants.example.com/reports/1", "shop"],
    ["https://desk.tenants.example.com/", "desk"],
    ["https://desk.tenants.example.com/reports/1", "desk"],
  ] as const) {
    const { status, seen } = await request(url, { ca: issuing.cas });
    assert.deepEqual([status, seen?.app, seen?.path], [200, app, new URL(url).pathname], url);
  }
}

/** The origin lock: refuses requests at the load balancer's own address from Cloudflare's ranges, which other zones share. */
export async function assertRefusedPastTheEdge(
  environment: TestEnvironment,
  client?: CertificatePair,
): Promise<void> {
  const { at, from, ca } = pastTheEdge(environment);
  await assert.rejects(
    request("https://www.example.com/", { at, from, ca, ...(client && { client }) }),
    /alert|socket hang up|ECONNRESET|EPROTO/i,
  );
}

/** A host that is open to all clients refuses TLS 1.1, and not 1.2. */
export async function assertRefusesOldTls(environment: TestEnvironment): Promise<void> {
  const url = "https://direct.example.com/";
  const past = pastTheEdge(environment);
  await assert.rejects(request(url, { ...past, maxVersion: "TLSv1.1" }), /alert protocol version/);
  assert.equal((await request(url, { ...past, maxVersion: "TLSv1.2" })).status, 200);
}

/** A host with the origin lock refuses TLS 1.2, which Cloudflare does not need. */
export const assertRequiresTls13 = (environment: TestEnvironment): Promise<void> =>
  assert.rejects(
    request("https://example.com/", { ...pastTheEdge(environment), maxVersion: "TLSv1.2" }),
    /alert protocol version/,
  );

/** A request straight to the load balancer, from an address of Cloudflare's, with the zone's client certificate. */
export const pastTheEdge = ({ balancer, issuing, zone }: TestEnvironment) => ({
  at: balancer.address,
  from: addresses.edgeOut,
  ca: issuing.cas,
  ...(zone.client && { client: zone.client }),
});
