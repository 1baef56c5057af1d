import * as assert from "node:assert/strict";

import { gatewayApiUrl } from "../../components/charts";
import { sections } from "../../settings/schema";
import { wafDefaults } from "../../settings/waf/schema";
import { changed } from "../config";
import { authority } from "./ca-certificate";
import { prod, read, type Changes } from "./configurations";

const settingsOf = (changes: Changes) => read(changed(prod, changes));

it("the resolved settings have every section", async () => {
  const settings = await settingsOf({});
  assert.deepEqual(
    Object.keys(sections).filter((key) => !Object.hasOwn(settings, key)),
    [],
  );
});

describe("the owner of a zone", () => {
  it("has default edge settings, also beside configured ones", async () => {
    const defaults = { ssl: "strict", minTlsVersion: "1.2", http3: true, brotli: true, websockets: true };
    assert.deepEqual((await settingsOf({})).edge, defaults);
    const { edge } = await settingsOf({ edge: { minTlsVersion: 1.3, hsts: { maxAgeSeconds: 300 } } });
    const hsts = { maxAgeSeconds: 300, includeSubdomains: false, preload: false };
    assert.deepEqual(edge, { ...defaults, minTlsVersion: "1.3", hsts });
  });

  it("has default WAF rules for every plan", async () => {
    for (const plan of ["free", "pro", "business", "enterprise"])
      assert.deepEqual((await settingsOf({ "dns.plan": plan })).waf, {
        ...wafDefaults(),
        ...(plan !== "free" && { owasp: { paranoia: 1, threshold: 40 } }),
      });
  });

  it("replaces a default list of WAF rules and keeps the others", async () => {
    const { waf } = await settingsOf({ "dns.plan": "pro", waf: { owasp: { paranoia: 2 }, customRules: [] } });
    assert.deepEqual(waf, { ...wafDefaults(), owasp: { paranoia: 2, threshold: 40 }, customRules: [] });
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
  const both = { clientCertificate: true, allowList: true, generation: 1 };
  const closed = { "dns.proxied": false };
  const oneProxied = { ...closed, "dns.records.3": { type: "A", name: "api", proxied: true } };
  const noProxyProtocol = { "loadBalancer.proxyProtocol": false };
  const table: [text: string, changes: Changes, lock: unknown][] = [
    ["has both parts for the owner by default", {}, both],
    ["has no allow-list without PROXY protocol", noProxyProtocol, { ...both, allowList: false }],
    ["has no allow-list with nginx", { "ingress.controller": "nginx" }, { ...both, allowList: false }],
    ["has both parts with a Gateway if all hosts are proxied", { "ingress.controller": "gateway" }, both],
    [
      "has other defaults beside a configured value",
      { "originLock.generation": 2 },
      { ...both, generation: 2 },
    ],
    ["is set for one proxied host", oneProxied, both],
    ["is set if hosts would be proxied, though none is routed", { apps: {} }, both],
    ["is undefined if no routed host is proxied", { ...closed, "dns.records.0.proxied": false }, undefined],
    [
      "is undefined if both parts are off",
      { originLock: { clientCertificate: false, allowList: false } },
      undefined,
    ],
    [
      "is undefined if one part is off and the other not supported",
      { "originLock.clientCertificate": false, ...noProxyProtocol },
      undefined,
    ],
    [
      "has the owner's CA in another stack",
      { ...guest, "originLock.ca": authority },
      { ...both, ca: authority },
    ],
    [
      "is an allow-list in another stack without the owner's CA",
      { ...guest, "originLock.allowList": true },
      { ...both, clientCertificate: false },
    ],
  ];
  for (const [text, changes, lock] of table)
    it(text, async () => assert.deepEqual((await settingsOf(changes)).originLock, lock));
});

describe("the mesh", () => {
  const canary = { image: "ghcr.io/org/auth:v2.0.0", weight: 10 };
  const nginx = { "ingress.controller": "nginx", originLock: undefined, "originLock.allowList": false };
  const split = { "apps.auth-service.canary": canary };
  const routed = { "apps.auth-service.traffic": { routes: [{ name: "v1", path: "/v1" }] } };
  const unmeshed = { "apps.web-frontend.canary": canary, "apps.web-frontend.meshed": false, ...nginx };
  const routes: [what: string, changes: Changes, uses: boolean, gatewayApi?: string][] = [
    ["uses no HTTPRoutes by default", {}, false],
    ["uses HTTPRoutes for an app with a canary", split, true, gatewayApiUrl()],
    ["uses HTTPRoutes for an app with routes of its own", routed, true, gatewayApiUrl()],
    [
      "uses none for settings of all requests",
      { "apps.auth-service.traffic": { timeouts: { request: "5s" } } },
      false,
    ],
    ["uses none for an app outside of it", unmeshed, false],
    ["uses the installed CRDs", { ...split, "ingress.gatewayApi": "installed" }, true],
  ];
  for (const [what, changes, meshUsesHttpRoutes, gatewayApi] of routes)
    it(what, async () => {
      const settings = await settingsOf(changes);
      assert.deepEqual([settings.meshUsesHttpRoutes, settings.gatewayApi], [meshUsesHttpRoutes, gatewayApi]);
    });

  const unlocked = { "originLock.clientCertificate": false };
  const installed = { "ingress.gatewayApi": "installed" };
  const oneOpen = { "dns.records.3": { type: "A", name: "api", proxied: false } };
  const gateways: [what: string, changes: Changes, areRead: boolean][] = [
    ["by gateway", { "ingress.controller": "gateway", ...unlocked }, true],
    ["not by Traefik", unlocked, false],
    ["by Traefik with gatewayApi", { ...unlocked, ...installed }, true],
    ["by Traefik with gatewayApi and client certificates of all hosts", installed, true],
    ["not if Traefik requests those of some hosts", { ...installed, ...oneOpen }, false],
    ["not by nginx", { ...nginx, ...installed }, false],
    ["not for the mesh alone", split, false],
  ];
  for (const [what, changes, areRead] of gateways)
    it(`Gateway API is watched, by external-dns too: ${what}`, async () => {
      const shared = { externalDns: { domains: ["shop.example.com"] }, externalDnsToken: "e".repeat(40) };
      const { watchesGatewayApi, externalDns } = await settingsOf({ ...shared, ...changes });
      assert.equal(watchesGatewayApi, areRead);
      assert.equal(externalDns?.sources.includes("gateway-httproute"), areRead);
    });

  const ownPrometheus = (meshed: boolean): Changes => ({
    "mesh.prometheus": "http://prometheus.monitoring:9090",
    "apps.prometheus": { existing: true, namespace: "monitoring", port: 9090, meshed },
  });
  const scrapes: [changes: Changes, are: boolean][] = [
    [{}, true],
    [{ "mesh.viz": false }, false],
    [{ "mesh.prometheus": "http://prometheus.monitoring:9090" }, false],
    [ownPrometheus(true), true],
    [ownPrometheus(false), true],
  ];
  for (const [changes, are] of scrapes)
    it(`${are ? "authorizes" : "need not authorize"} Prometheus: ${JSON.stringify(changes)}`, async () =>
      assert.equal((await settingsOf(changes)).needsMetricsAccess, are));

  it("has the hosts of viz's dashboard", async () => {
    const viz = {
      existing: true,
      namespace: "linkerd-viz",
      serviceName: "web",
      port: 8084,
      podLabels: { component: "web" },
      routes: [{ host: "linkerd.example.com", basicAuth: { users: ["admin"] } }],
    };
    assert.deepEqual((await settingsOf({ "apps.viz": viz })).dashboardHosts, ["linkerd.example.com"]);
    assert.deepEqual((await settingsOf({})).dashboardHosts, []);
  });
});
