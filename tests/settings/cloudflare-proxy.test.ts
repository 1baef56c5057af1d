import * as assert from "node:assert/strict";

import { readWarnings, rejects, accepts } from "./configurations";

const route = "apps.web-frontend.routes";
const limited = (maxBodySize: string, plan: string) => ({
  [route]: [{ host: "example.com", maxBodySize }],
  "dns.plan": plan,
});
const tooLarge = (got: string, title: string, most: number) =>
  `${route}.0.maxBodySize: got ${got}, but example.com is proxied, and on the ${title} plan Cloudflare answers 413 to a ` +
  `body of more than ${most} MB; want ${most}Mi or less, or a record with proxied: false`;
const ports = (secure: boolean) =>
  secure ? "443, 2053, 2083, 2087, 2096, 8443" : "80, 8080, 8880, 2052, 2082, 2086, 2095";
const wrongPort = (path: string, got: string, name: string, taken: string) =>
  `${path}: got ${got}, but ${name} is proxied, and Cloudflare's proxy accepts connections at ${taken} only; ` +
  "want one of those, or a record with proxied: false";
const redirected = (to: string) => ({
  [route]: [{ host: "example.com" }, { host: "www.example.com", redirect: { to } }],
});
const service = (target: string, port: number) => ({
  "dns.records.3": { type: "SRV", name: "_xmpp._tcp", priority: 0, weight: 0, port, target },
});
const dnsOnly = { "dns.records.4": { type: "A", name: "@", proxied: false } };

describe("limits of Cloudflare's proxy", () => {
  rejects([
    wrongPort(`${route}.1.redirect.to`, "https://example.com:9000", "example.com", ports(true)),
    wrongPort(`${route}.1.redirect.to`, "http://example.com:8443", "example.com", ports(false)),
  ]);
  rejects({
    [tooLarge("101Mi", "Free", 100)]: limited("101Mi", "free"),
    [tooLarge("1Gi", "Pro", 100)]: limited("1Gi", "pro"),
    [tooLarge("201Mi", "Business", 200)]: limited("201Mi", "business"),
    [wrongPort("dns.records.3.port", "5222", "example.com", `${ports(false)}, ${ports(true)}`)]: service(
      "example.com",
      5222,
    ),
  });

  accepts([
    limited("100Mi", "free"),
    limited("200Mi", "business"),
    limited("2Gi", "enterprise"),
    { ...limited("1Gi", "free"), "dns.records.3": { type: "A", name: "@", proxied: false } },
    redirected("https://example.com:8443"),
    redirected("https://other.example.net:9000"),
    service("example.com", 8443),
    service("xmpp.example.net", 5222),
    { ...service("example.com", 5222), ...dnsOnly },
  ]);
});

describe("warnings about proxied hosts", () => {
  const slow = (seconds: number) => ({
    [route]: [{ host: "example.com", timeouts: { requestSeconds: seconds } }],
  });
  const late =
    `${route}.0.timeouts.requestSeconds: got 101, but example.com is proxied, and Cloudflare answers 524 if the app ` +
    "has not begun to answer after 100 s (more on Enterprise only); want an answer that begins sooner, or a record with " +
    "proxied: false";

  for (const [what, changes, wanted] of [
    ["an answer that begins after 100 s", slow(101), [late]],
    ["an answer that begins within 100 s", slow(100), []],
    [
      "an answer at a host that is DNS only",
      { ...slow(101), "dns.records.3": { type: "A", name: "@", proxied: false } },
      [],
    ],
    [
      "a body beyond 500 MB on Enterprise",
      limited("501Mi", "enterprise"),
      [tooLarge("501Mi", "Enterprise", 500)],
    ],
    [
      "WebSockets that the zone turns off",
      { "edge.websockets": false },
      [
        "edge.websockets: got false, so Cloudflare rejects WebSockets at every proxied host (api.example.com, example.com, " +
          "www.example.com, admin.example.com, grafana.example.com)",
      ],
    ],
  ] as const)
    it(`${what}: ${wanted.length === 0 ? "no warning" : "a warning"} in the preview`, async () =>
      assert.deepEqual(await readWarnings(changes), wanted));

  it("are not repeated in the up", async () => assert.deepEqual(await readWarnings(slow(101), false), []));
});
