import * as assert from "node:assert/strict";

import fc from "fast-check";

import { toFqdn, isProxiable } from "../../components/cloudflare/dns-record";
import { configs } from "./generated";
import { read } from "./configurations";

describe("any valid config", () => {
  it("is accepted and resolved consistently", () =>
    fc.assert(
      fc.asyncProperty(configs, async (config) => {
        const { dns, apps, ownsZone, edge, waf, originLock, externalDns, ...rest } = await read(config);
        const routes = apps.flatMap((app) => app.routes);
        const pointing = dns.records.filter(isProxiable).map(({ name }) => toFqdn(name, dns.zone));

        assert.deepEqual([edge !== undefined, waf !== undefined], [ownsZone, ownsZone]);
        if (originLock !== undefined) {
          const { proxied } = config["platform-networking:dns"] as { proxied: boolean };
          assert.ok(proxied || routes.some((route) => route.proxied));
          assert.ok(originLock.clientCertificate || originLock.allowList);
          assert.equal(originLock.clientCertificate && !ownsZone, originLock.ca !== undefined);
        }
        assert.equal(rest.dns01Token === undefined, rest.createTokens);
        assert.equal(rest.externalDnsToken === undefined, rest.createTokens || externalDns === undefined);

        for (const { host, dns: owner } of routes) {
          const answers = [host, host.replace(/^[^.]+/, "*")].filter((name) => pointing.includes(name));
          if (owner === "pulumi") assert.ok(answers.length > 0, `${host} has no record`);
          else {
            assert.equal(answers.includes(host), false, `${host} has a record of Pulumi's too`);
            assert.ok(externalDns?.exclude.every((name) => host !== name && !host.endsWith(`.${name}`)));
          }
        }
        for (const { name } of dns.records) assert.match(name, /^[\x21-\x7e]+$/);
      }),
      { numRuns: 60 },
    )).timeout(60_000);
});
