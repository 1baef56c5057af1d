import * as assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import * as tls from "node:tls";

import { Authority } from "../../sandbox/wire/certificates";
import { browser, places } from "../../sandbox/wire/places";
import { visit, type Visited } from "./browser";
import {
  believesNobody,
  burst,
  limitsOne,
  pastTheEdge,
  reachesApi,
  refusesOthers,
  seesTheBrowser,
} from "./checks";
import { kube } from "./deployment";
import { measured } from "./speed";
import { world } from "./the-world";

/** Must fail: a check that holds on a broken path proves nothing. */
const fails = (check: () => Promise<void>) => assert.rejects(check());

type Values = Record<string, unknown> & { ports: Record<string, Record<string, unknown>> };
const without = (key: string) => (values: Record<string, unknown>) => {
  const { ports } = values as Values;
  for (const entryPoint of Object.values(ports)) Reflect.deleteProperty(entryPoint, key);
  return values;
};
const asItIs = (values: Record<string, unknown>) => values;

/** Changes an annotation of an app's Ingress; null removes it, undefined leaves it. @returns what it was. */
async function annotate(name: string, key: string, value: string | null | undefined): Promise<string | null> {
  const ingress = `/apis/networking.k8s.io/v1/namespaces/production/ingresses/${name}`;
  const found = (await kube(ingress)) as { metadata: { annotations?: Record<string, string> } };
  if (value !== undefined)
    await kube(ingress, {
      method: "PATCH",
      type: "application/merge-patch+json",
      body: { metadata: { annotations: { [key]: value } } },
    });
  return found.metadata.annotations?.[key] ?? null;
}

describe("a request reaches the app that its host and path name", () => {
  for (const [url, app] of [
    ["https://api.example.com/v1/users", "api-gateway"],
    ["https://api.example.com/v1", "api-gateway"],
    ["https://api.example.com/health", "api-gateway"],
    ["https://example.com/", "web-frontend"],
    ["https://example.com/any/where", "web-frontend"],
    ["https://www.example.com/", "web-frontend"],
  ] as const)
    it(`${url}: ${app}`, async () => {
      const { status, seen } = await visit(url);
      assert.deepEqual([status, seen?.app, seen?.path], [200, app, new URL(url).pathname]);
    });

  for (const url of [
    "https://api.example.com/other",
    "https://api.example.com/v10",
    "https://api.example.com/health/x",
  ])
    it(`${url}: nobody`, async () => assert.equal((await visit(url)).status, 404));

  for (const app of ["admin", "grafana"])
    it(`${app}.example.com asks for a password, refuses a wrong one and takes the generated one`, async () => {
      const url = `https://${app}.example.com/`;
      const as = (password: string) => ({
        authorization: `Basic ${Buffer.from(`admin:${password}`).toString("base64")}`,
      });
      const asked = await visit(url);
      assert.equal(asked.status, 401);
      assert.match(asked.headers["www-authenticate"] ?? "", /^Basic /);
      assert.equal((await visit(url, { headers: as("wrong") })).status, 401);
      const [, password = ""] = [...world.passwords].find(([name]) => name.startsWith(`${app}-`)) ?? [];
      const { status, seen } = await visit(url, { headers: as(password) });
      assert.deepEqual([status, seen?.app], [200, app]);
      assert.equal(seen?.headers.authorization, undefined, "the app sees the password");
    });

  it("is sent from HTTP to HTTPS, by the edge and by Traefik", async () => {
    for (const wanted of [{}, { at: world.balancer.address, from: places.edgeOut }]) {
      const { status, headers } = await visit("http://example.com/some?where", wanted);
      assert.ok([301, 308].includes(status), `${status}`);
      assert.equal(headers.location, "https://example.com/some?where");
    }
  });

  it("not where the load balancer greets and Traefik does not listen for it, or the reverse", async () => {
    await world.twin(without("proxyProtocol"), {}, () => fails(reachesApi));
    await world.twin(asItIs, { proxyprotocol: false }, () => fails(seesTheBrowser));
  });
});

describe("an app", () => {
  it("sees the browser's address, not the edge's and not the load balancer's", seesTheBrowser);
  it("sees no address that a browser has made up", believesNobody);
  it("would, if the edge were not trusted to say it", () =>
    world.twin(without("forwardedHeaders"), {}, () => fails(seesTheBrowser)));
});

describe("a limit of 100 requests a minute", () => {
  it("stops one client and serves another", () => limitsOne(world, browser(20), browser(21)));
  it("is not escaped by a made-up X-Forwarded-For", async () => {
    let refused = 0;
    for (let n = 0; n < 12; n++)
      refused += (await burst(20, browser(22), { "x-forwarded-for": `198.18.0.${n}` })).refused;
    assert.ok(refused > 0);
  });
  it("would stop everybody, or nobody, with the middleware's name misspelt", async () => {
    const key = "traefik.ingress.kubernetes.io/router.middlewares";
    const name = "api-gateway-api-example-com";
    const usual = await annotate(name, key, undefined);
    const isServed = (from: string) => async () =>
      (await visit("https://api.example.com/health", { from })).status === 200;
    await annotate(name, key, (usual ?? "").replace("rate-limit", "rate-limits"));
    try {
      await world.until("the misspelt name", async () => !(await isServed(browser(23))()), 20);
      await fails(() => limitsOne(world, browser(24), browser(25)));
    } finally {
      await annotate(name, key, usual);
      await world.until("the right name", isServed(browser(26)), 20);
    }
  });
});

describe("a browser's question before a call from another site", () => {
  const preflight = (origin: string): Promise<Visited> =>
    visit("https://api.example.com/v1/users", {
      method: "OPTIONS",
      from: browser(30),
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type",
      },
    });
  it("is answered yes from https://example.com", async () => {
    const { status, headers } = await preflight("https://example.com");
    assert.deepEqual([status, headers["access-control-allow-origin"]], [200, "https://example.com"]);
    assert.match(headers["access-control-allow-methods"] ?? "", /POST/);
  });
  it("is not answered yes from elsewhere", async () => {
    const { headers } = await preflight("https://evil.example.org");
    assert.equal(headers["access-control-allow-origin"], undefined);
  });
});

describe("a request past Cloudflare", () => {
  it("fails without a client certificate", () => refusesOthers(world));
  it("fails with the certificate that Cloudflare shows for every zone", () =>
    refusesOthers(world, world.shared));
  it("is let in with the zone's own, and then only from Cloudflare's addresses", async () => {
    const { client } = world;
    assert.ok(client !== undefined);
    const past = { ...pastTheEdge(world), client };
    assert.equal((await visit("https://www.example.com/", past)).status, 200);
    assert.equal((await visit("https://www.example.com/", { ...past, from: places.stranger })).status, 403);
  });
  it("would get in at a host without the lock", async () => {
    const key = "traefik.ingress.kubernetes.io/router.tls.options";
    const before = await annotate("web-frontend-www-example-com", key, null);
    const past = pastTheEdge(world);
    const open = async () => (await visit("https://www.example.com/", past)).status === 200;
    try {
      await world.until("an open door", open, 20);
      await fails(() => refusesOthers(world));
    } finally {
      await annotate("web-frontend-www-example-com", key, before);
      await world.until("a locked door", async () => !(await open().catch(() => false)), 20);
    }
  });
});

describe("speed", () => {
  it("is measured beside the same client straight to the backend", async () =>
    console.log(`      ${await measured()}`));
});

describe("a copy of the controller", () => {
  const steady = async (seconds: number, note: (status: number) => void) => {
    const ends = Date.now() + seconds * 1000;
    const all: Promise<void>[] = [];
    while (Date.now() < ends) {
      all.push(visit("https://example.com/", { from: browser(60) }).then(({ status }) => note(status)));
      await sleep(50);
    }
    await Promise.all(all);
  };

  it("dies with its node, and after the health check no request is lost", async () => {
    const node = world.nodes[2];
    assert.ok(node !== undefined);
    const statuses: number[] = [];
    node.door.stop();
    await node.traefik.kill();
    const { interval, retries, timeout } = { interval: 3, retries: 2, timeout: 2 };
    await sleep((interval * retries + timeout + 1) * 1000);
    assert.equal(world.balancer.healthy(443).length, 2);
    await steady(3, (status) => statuses.push(status));
    assert.deepEqual([...new Set(statuses)], [200]);
  });

  it("is drained, and no request is lost, the one that takes its time among them", async () => {
    const node = world.nodes[1];
    assert.ok(node !== undefined);
    const statuses: number[] = [];
    const slow = Array.from({ length: 6 }, () =>
      visit("https://example.com/slow?25000", { from: browser(61) }),
    );
    await sleep(1000);
    node.traefik.signal("SIGTERM");
    await steady(28, (status) => statuses.push(status));
    statuses.push(...(await Promise.all(slow)).map(({ status }) => status));
    assert.ok(statuses.length > 100);
    assert.deepEqual([...new Set(statuses)], [200]);
    await node.traefik.ended;
    assert.deepEqual(world.balancer.healthy(443), [world.nodes[0]?.address]);
  });
});

describe("the certificate that Traefik shows", () => {
  it("is renewed before it expires, by the ACME server through DNS-01, for the zone and every name below it", async () => {
    const isAcme = (pem: string) => new X509Certificate(pem).issuer.includes("Pebble");
    await world.until("the new certificate", async () => isAcme((await world.wildcard()) ?? ""), 200);
    const certificate = new X509Certificate((await world.wildcard()) ?? "");
    assert.deepEqual(certificate.subjectAltName?.split(", ").sort(), [
      "DNS:*.example.com",
      "DNS:example.com",
    ]);
    const { client } = world;
    const served = () =>
      new Promise<boolean>((resolve, reject) => {
        const socket = tls.connect(
          {
            host: world.balancer.address,
            port: 443,
            servername: "admin.example.com",
            ca: world.originCas,
            ...client,
          },
          () => {
            resolve(socket.getPeerX509Certificate()?.serialNumber === certificate.serialNumber);
            socket.end();
          },
        );
        socket.on("error", reject);
      });
    await world.until("Traefik showing it", served, 20);
    await reachesApi();
  });

  it("is not shown to TLS 1.1, and is to TLS 1.2", async () => {
    const { client } = world;
    const past = { ...pastTheEdge(world), ...(client && { client }) };
    await assert.rejects(
      visit("https://example.com/", { ...past, maxVersion: "TLSv1.1" }),
      /alert|protocol version|EPROTO/i,
    );
    assert.equal((await visit("https://example.com/", { ...past, maxVersion: "TLSv1.2" })).status, 200);
  });

  it("would not be trusted by the edge if nobody it knows had signed it", async () => {
    world.edgeTrusts = () => [new Authority("Nobody").cert];
    world.edge.forget();
    try {
      assert.equal((await visit("https://example.com/", { from: browser(40) })).status, 526);
    } finally {
      world.edgeTrusts = () => [world.originCas];
      world.edge.forget();
    }
  });
});
