import * as assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import { readSettings } from "../../settings";
import { changed, externalDnsSecret, secretConfig, setConfig } from "../config";
import { attempt, value } from "../harness";
import { prod, read, readErrors, rejects, rejectsUnder, without } from "./configurations";

describe("invalid secrets", () => {
  const cloudflareToken = "a Cloudflare API token, 40 to 80 characters";
  const kubeconfig = "the text of a kubeconfig with a current-context";
  const wanted = {
    "platform-networking:dns01Token": ["dns01Token", cloudflareToken],
    "hcloud:token": ["hcloud:token", "a Hetzner Cloud API token, 64 characters"],
    "cloudflare:apiToken": ["cloudflare:apiToken", cloudflareToken],
    "kubernetes:kubeconfig": ["kubernetes:kubeconfig", kubeconfig],
  } as const satisfies Record<keyof typeof secretConfig, readonly [string, string]>;

  for (const [key, [path, want]] of Object.entries(wanted)) {
    it(`reports that ${path} is missing, with the command that sets it`, async () => {
      const [, ...lines] = await readErrors(without(key));
      assert.deepEqual(lines, [`  ${path}: is missing, want ${want}: pulumi config set --secret ${path}`]);
    });

    it(`reports an invalid ${path}, without its value`, async () => {
      const [, ...lines] = await readErrors({ ...prod, [key]: "hunter2: [" });
      assert.deepEqual(lines, [`  ${path}: is not ${want} (its value is not shown here)`]);
    });
  }

  it("reports secrets in plain text, without their values", async () => {
    const { fault } = await attempt(() => {
      setConfig(prod, ["hcloud:token"]);
      readSettings();
    });
    const [, ...lines] = (fault?.message ?? "").split("\n");
    const plain = Object.values(wanted).flatMap(([path]) => (path === "hcloud:token" ? [] : [path]));
    assert.deepEqual(
      lines.sort(),
      plain
        .map(
          (path) =>
            `  ${path}: is in plain text in Pulumi.test.yaml, want it encrypted: pulumi config set --secret ${path}; if the ` +
            "file was committed or sent, revoke this one and create another",
        )
        .sort(),
    );
  });

  for (const [what, text] of Object.entries({
    "no YAML": "users: [{token: hunter2",
    "a list": "[hunter2]",
    "a bare word": "hunter2",
    "without a context": "clusters: []\ncontexts: []\n",
    "without clusters": "contexts: []\ncurrent-context: x\n",
  }))
    it(`reports that the kubeconfig is ${what}`, async () => {
      const lines = await readErrors({ ...prod, "kubernetes:kubeconfig": text });
      assert.equal(lines.join("\n").includes("hunter2"), false);
      assert.equal(lines.length, 2);
    });

  for (const [key, length] of [
    ["platform-networking:dns01Token", 39],
    ["cloudflare:apiToken", 81],
    ["hcloud:token", 63],
    ["hcloud:token", 65],
  ] as const)
    it(`reports that ${key} has ${length} characters`, async () => {
      assert.equal((await readErrors({ ...prod, [key]: "x".repeat(length) })).length, 2);
    });

  it("logs no warnings about a kubeconfig, since they would quote it", async () => {
    const warnings: unknown[] = [];
    const onWarning = (warning: unknown) => warnings.push(warning);
    process.on("warning", onWarning);
    const text = "clusters: []\ncontexts: []\ncurrent-context: x\nusers: [{token: !mine hunter2}]\n";
    await read({ ...prod, "kubernetes:kubeconfig": text });
    await new Promise(setImmediate);
    process.off("warning", onWarning);
    assert.deepEqual(warnings, []);
  });
});

describe("the cluster's Cloudflare tokens", () => {
  const wanted = "a Cloudflare API token, 40 to 80 characters";
  const token = externalDnsSecret["platform-networking:externalDnsToken"];
  const externalDns = { domains: ["apps.example.com"] };
  rejectsUnder("externalDnsToken", {
    ": cannot be combined with createTokens: true: pulumi config rm externalDnsToken": {
      createTokens: true,
      dns01Token: undefined,
      externalDns,
      externalDnsToken: token,
    },
    [`: is missing, want ${wanted}: pulumi config set --secret externalDnsToken`]: { externalDns },
    [`: is not ${wanted} (its value is not shown here)`]: { externalDns, externalDnsToken: "hunter2" },
    ": has no effect without externalDns: pulumi config rm externalDnsToken": { externalDnsToken: token },
  });
  rejects(["externalDns.domains: got [], want at least one"]);
  rejects({
    [`dns01Token: is missing, want ${wanted}: pulumi config set --secret dns01Token`]: { dns01Token: "" },
    "dns01Token: cannot be combined with createTokens: true: pulumi config rm dns01Token": {
      createTokens: true,
    },
  });

  it("are the configured ones", async () => {
    const settings = await read(changed(prod, { externalDns, externalDnsToken: token }));
    assert.ok(settings.dns01Token && settings.externalDnsToken);
    assert.equal(await value(settings.dns01Token), secretConfig["platform-networking:dns01Token"]);
    assert.equal(await value(settings.externalDnsToken), token);
    assert.equal(await pulumi.isSecret(settings.externalDnsToken), true);
  });

  for (const text of [undefined, ""])
    it(`are created by the program if the configured ones are ${text === undefined ? "missing" : "empty"}`, async () => {
      const changes = { createTokens: true, externalDns, dns01Token: text, externalDnsToken: text };
      const settings = await read(changed(prod, changes));
      assert.deepEqual([settings.dns01Token, settings.externalDnsToken], [undefined, undefined]);
    });

  it("are one without external-dns", async () =>
    assert.equal((await read(prod)).externalDnsToken, undefined));
});
