import * as assert from "node:assert/strict";

import { changed, externalDnsSecret } from "../config";
import { prod, read, type Changes } from "./configurations";

const settingsOf = (changes: Changes) => read(changed(prod, changes));

describe("external-dns", () => {
  const externalDns = { domains: ["apps.example.com"] };
  const token = { externalDnsToken: externalDnsSecret["platform-networking:externalDnsToken"] };
  const app = (host: string, dns: string) => ({ image: "x:1", port: 80, routes: [{ host, dns }] });

  it("has defaults", async () =>
    assert.deepEqual((await settingsOf({ ...token, externalDns })).externalDns, {
      ...externalDns,
      policy: "upsert-only",
      ownerId: "k3s",
      sources: ["ingress"],
      exclude: [],
      proxied: true,
    }));

  it("keeps configured values", async () => {
    const given = { ...externalDns, policy: "sync", ownerId: "mine", sources: ["service", "ingress"] };
    assert.deepEqual((await settingsOf({ ...token, externalDns: given, "dns.proxied": false })).externalDns, {
      ...given,
      exclude: [],
      proxied: false,
    });
  });

  it("reads HTTPRoutes beside Ingress objects if the controller does", async () => {
    const gateway = { "ingress.controller": "gateway", "originLock.clientCertificate": false };
    for (const [sources, read] of [
      [["ingress"], ["ingress", "gateway-httproute"]],
      [["service"], ["service"]],
    ]) {
      const settings = await settingsOf({ ...token, ...gateway, externalDns: { ...externalDns, sources } });
      assert.deepEqual(settings.externalDns?.sources, read);
    }
  });

  it("owns the record of a route with dns: external-dns", async () => {
    const { dns, apps } = await settingsOf({
      ...token,
      externalDns,
      "apps.shop": app("apps.example.com", "external-dns"),
    });
    assert.equal(
      dns.records.some(({ name }) => name === "apps"),
      false,
    );
    assert.deepEqual(apps.find(({ name }) => name === "shop")?.routes, [
      {
        host: "apps.example.com",
        dns: "external-dns",
        paths: [{ path: "/", pathType: "Prefix" }],
        proxied: true,
      },
    ]);
  });

  it("excludes Pulumi's names within its domains, sorted", async () => {
    const settings = await settingsOf({ ...token, "externalDns.domains": ["example.com"] });
    assert.deepEqual(settings.externalDns?.exclude, [
      "_dmarc.example.com",
      "admin.example.com",
      "api.example.com",
      "grafana.example.com",
      "www.example.com",
    ]);
  });

  it("excludes no name above its own domains and hosts", async () => {
    const settings = await settingsOf({
      ...token,
      "externalDns.domains": ["example.com", "b.apps.example.com"],
      "apps.shop": app("shop.example.com", "external-dns"),
      "dns.records": [
        { type: "TXT", name: "apps", content: "x" },
        { type: "TXT", name: "shop", content: "x" },
        { type: "TXT", name: "a.apps", content: "x" },
        { type: "TXT", name: "b.apps", content: "x" },
        { type: "TXT", name: "_dmarc.shop", content: "x" },
        { type: "TXT", name: "kshop", content: "x" },
      ],
      "apps.api-gateway.routes": [],
      "apps.web-frontend.routes": [],
      "apps.admin.routes": [],
      "apps.grafana.routes": [],
    });
    assert.deepEqual(settings.externalDns?.exclude, [
      "_dmarc.shop.example.com",
      "a.apps.example.com",
      "kshop.example.com",
    ]);
  });
});
