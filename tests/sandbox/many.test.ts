import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import {
  assertChanged,
  emptySandbox,
  objects,
  settingsOf,
  stackFile,
  start,
  succeeded,
  type Settings,
} from "./start";

const count = 100;

/** Route settings, used in turn. */
const words: readonly Settings[] = [
  {},
  { paths: [{ path: "/v1" }, { path: "/health", pathType: "Exact" }] },
  { rateLimit: { requests: 100, period: "1m", burst: 50 } },
  { cors: { origins: ["https://example.com"] } },
  { basicAuth: { users: ["admin"] } },
  { redirect: { to: "www.example.com" } },
  { headers: { response: { set: { "X-Frame-Options": "DENY" }, remove: ["Server"] } } },
  { maxBodySize: "10Mi" },
  { allowFrom: ["203.0.113.0/24"] },
  { certificate: "own" },
];

const nameOf = (index: number): string => `app-${String(index % count).padStart(3, "0")}`;

const hostsOf = (app: string): string[] => [0, 1, 2].map((index) => `${app}-${index}.example.com`);

/** Each calls two others, near and far, and is called by two. */
const apps = Object.fromEntries(
  Array.from({ length: count }, (_, index) => {
    const name = nameOf(index);
    const routes = hostsOf(name).map((host, at) => ({ host, ...words[(3 * index + at) % words.length] }));
    const calls = [nameOf(index + 1), nameOf(index + 37)];
    const [replicas, meshed] = [1 + (index % 3), index % 4 > 0];
    return [
      name,
      { image: `ghcr.io/org/${name}:v1.0.0`, port: 8080, replicas, meshed, calls, routes },
    ] as const;
  }),
);

describe("a hundred apps with three routes each in the sandbox", () => {
  const folder = emptySandbox();
  // A plan whose zones have room for the hosts.
  const dns = { ...settingsOf("prod", "dns"), plan: "business" };
  const run = async (command: "up" | "preview", ...options: string[]) => {
    const file = path.join(folder, "Pulumi.prod.yaml");
    fs.writeFileSync(file, stackFile("prod", { protect: false, dns, apps }));
    const finished = await succeeded(start(command, "--stack", "prod", "--stack-file", file, ...options));
    const { changes, seconds, peakMegabytes } = finished.report ?? assert.fail(finished.output);
    const resources = `${changes.create} new and ${changes.same} unchanged resources`;
    // Beside another suite: printed at once, and not among the results of this one.
    console.log(`A hundred apps, ${command}, ${resources}: ${seconds} s, ${peakMegabytes} MB`);
    return finished;
  };

  it("are previewed", async () => {
    const { report } = await run("preview");
    assert.ok((report?.changes.create ?? 0) > 1500);
  });

  it("are deployed by one up, and left alone by another", async () => {
    await run("up", "--save-at-end");
    const own = (names: readonly string[]) => names.filter((name) => name.startsWith("production/app-"));
    assert.deepEqual(
      own(await objects("prod", "apis/apps/v1/deployments")),
      Object.keys(apps).map((name) => `production/${name}`),
    );
    const rules = own(await objects("prod", "apis/networking.k8s.io/v1/ingresses"));
    for (const host of Object.keys(apps).flatMap(hostsOf))
      assert.ok(
        rules.some((rule) => rule.endsWith(host.replaceAll(".", "-"))),
        `${host} has no rule`,
      );
    assertChanged(await run("up", "--save-at-end"));
  });
});
