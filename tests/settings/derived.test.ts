import * as assert from "node:assert/strict";

import { changed } from "../config";
import { authority } from "./certificates";
import { prod, read, type Changes } from "./refusals";

const settingsOf = (changes: Changes) => read(changed(prod, changes));

describe("the owner of a zone", () => {
  it("has the edge's safe settings where nothing is said", async () =>
    assert.deepEqual((await settingsOf({})).edge, {
      ssl: "strict",
      minTlsVersion: "1.2",
      http3: true,
      brotli: true,
      websockets: true,
    }));

  it("has the rest of them beside what is said", async () =>
    assert.deepEqual(
      (await settingsOf({ edge: { minTlsVersion: 1.3, hsts: { maxAgeSeconds: 300 } } })).edge,
      {
        ssl: "strict",
        minTlsVersion: "1.3",
        http3: true,
        brotli: true,
        websockets: true,
        hsts: { maxAgeSeconds: 300, includeSubdomains: false, preload: false },
      },
    ));

  const defaults = {
    managed: true,
    customRules: [
      {
        ref: "no-dotfiles",
        description: "Files that no site serves",
        expression:
          '(starts_with(http.request.uri.path, "/.") and not starts_with(http.request.uri.path, "/.well-known/"))',
        action: "block",
      },
    ],
    rateLimits: [
      {
        ref: "flood",
        description: "One client, far more than a person asks for",
        expression: 'starts_with(http.request.uri.path, "/")',
        requests: 500,
        periodSeconds: 10,
        mitigationSeconds: 10,
      },
    ],
    cacheRules: [],
    responseHeaders: [
      {
        ref: "security-headers",
        expression: "true",
        set: { "X-Content-Type-Options": "nosniff", "Referrer-Policy": "strict-origin-when-cross-origin" },
        remove: ["X-Powered-By"],
      },
    ],
    redirects: [],
  };

  it("has rules that every plan can do, where nothing is said", async () => {
    assert.deepEqual((await settingsOf({})).waf, defaults);
    for (const plan of ["free", "pro", "business", "enterprise"])
      assert.deepEqual(
        (await settingsOf({ "dns.plan": plan, waf: defaults })).waf,
        plan === "free" ? defaults : { ...defaults, owasp: { paranoia: 1, threshold: 40 } },
      );
  });

  it("has its own list in place of a default one, and the others as they are", async () => {
    const { waf } = await settingsOf({
      "dns.plan": "pro",
      waf: {
        owasp: { paranoia: 2 },
        customRules: [],
        redirects: [{ from: "www.example.com", to: "example.com" }],
      },
    });
    assert.deepEqual(waf, {
      ...defaults,
      owasp: { paranoia: 2, threshold: 40 },
      customRules: [],
      redirects: [{ from: "www.example.com", to: "example.com", status: 301 }],
    });
  });
});

describe("a stack that does not own its zone", () => {
  it("has no zone-wide settings and rules", async () => {
    const { edge, waf, originLock } = await settingsOf({ ownsZone: false });
    assert.deepEqual([edge, waf, originLock], [undefined, undefined, undefined]);
  });
});

describe("the origin lock", () => {
  const guest = { ownsZone: false };
  const table: [text: string, changes: Changes, lock: unknown][] = [
    [
      "is whole for the owner where nothing is said",
      {},
      { clientCertificate: true, allowList: true, generation: 1 },
    ],
    [
      "has no allow-list without PROXY protocol",
      { "loadBalancer.proxyProtocol": false },
      { clientCertificate: true, allowList: false, generation: 1 },
    ],
    [
      "has the rest of its defaults beside what is said",
      { "originLock.generation": 2 },
      { clientCertificate: true, allowList: true, generation: 2 },
    ],
    [
      "is there for the sake of one proxied host",
      { "dns.proxied": false, "dns.records.3": { type: "A", name: "api", proxied: true } },
      { clientCertificate: true, allowList: true, generation: 1 },
    ],
    [
      "is there where hosts would be proxied, though none is routed",
      { apps: {} },
      { clientCertificate: true, allowList: true, generation: 1 },
    ],
    [
      "is not there where no routed host is proxied",
      { "dns.proxied": false, "dns.records.0.proxied": false },
      undefined,
    ],
    [
      "is not there where both of its parts are off",
      { originLock: { clientCertificate: false, allowList: false } },
      undefined,
    ],
    [
      "is not there where one part is off and the other not to be had",
      { "originLock.clientCertificate": false, "loadBalancer.proxyProtocol": false },
      undefined,
    ],
    [
      "has the owner's CA in another stack",
      { ...guest, "originLock.ca": authority },
      { clientCertificate: true, allowList: true, generation: 1, ca: authority },
    ],
    [
      "is an allow-list in another stack without the owner's CA",
      { ...guest, "originLock.allowList": true },
      { clientCertificate: false, allowList: true, generation: 1 },
    ],
  ];
  for (const [text, changes, lock] of table)
    it(text, async () => assert.deepEqual((await settingsOf(changes)).originLock, lock));
});
