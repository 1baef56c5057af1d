import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import {
  emptySandbox,
  objects,
  settingsOf,
  stackFile,
  start,
  succeeded,
  type Finished,
  type Settings,
} from "./start";

interface App {
  readonly image: string;
  readonly port: number;
  readonly replicas: number;
  readonly meshed: boolean;
  readonly calls: readonly string[];
  readonly routes: readonly object[];
}

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

function app(name: string, index: number, calls: readonly string[]): App {
  const routes = hostsOf(name).map((host, at) => ({ host, ...words[(3 * index + at) % words.length] }));
  return {
    image: `ghcr.io/org/${name}:v1.0.0`,
    port: 8080,
    replicas: 1 + (index % 3),
    meshed: index % 4 > 0,
    calls,
    routes,
  };
}

/** Each calls two others, near and far, and is called by two. */
const apps: Readonly<Record<string, App>> = Object.fromEntries(
  Array.from({ length: count }, (_, index) => {
    const name = nameOf(index);
    return [name, app(name, index, [nameOf(index + 1), nameOf(index + 37)])] as const;
  }),
);

/** Those, and one app more between three of them. */
const [caller, callees] = [nameOf(50), [nameOf(3), nameOf(80)]] as const;
const oneMore = (caller_: App): Readonly<Record<string, App>> => ({
  ...apps,
  [caller]: { ...caller_, calls: [...caller_.calls, "newcomer"] },
  newcomer: app("newcomer", count + 1, callees),
});

/** Every step that the engine took, as `<creating|updating|...> <type> <name>`, in alphabetical order. */
const stepsOf = ({ output }: Finished): string[] =>
  Array.from(
    // The engine reports no end of a component's step, so the starts are compared.
    output.matchAll(/^ \S+ +(\S+) (\S+) ([a-z]+ing) \(/gm),
    ([, type = "", name = "", what = ""]) => `${what} ${type} ${name}`,
  ).sort();

describe("a hundred apps with three routes each in the sandbox", () => {
  const folder = emptySandbox();
  // A plan whose zones have room for the hosts.
  const dns = { ...settingsOf("prod", "dns"), plan: "business" };
  const run = async (command: "up" | "preview", its: typeof apps, ...options: string[]) => {
    const file = path.join(folder, "Pulumi.prod.yaml");
    fs.writeFileSync(file, stackFile("prod", { protect: false, dns, apps: its }));
    const finished = await succeeded(start(command, "--stack", "prod", "--stack-file", file, ...options));
    const { report } = finished;
    assert.ok(report);
    const { create, update, same } = report.changes;
    const resources = `${create} new, ${update} changed and ${same} unchanged resources`;
    // Beside another suite: printed at once, and not among the results of this one.
    console.log(`A hundred apps, ${command}, ${resources}: ${report.seconds} s, ${report.peakMegabytes} MB`);
    return { ...finished, report };
  };

  it("are previewed", async () => {
    const { report } = await run("preview", apps);
    assert.ok(report.changes.create > 1500);
  });

  it("are deployed by one up", async () => {
    await run("up", apps, "--save-at-end");
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
  });

  it("take in one more, and nothing changes but what is its own and its neighbours' policies", async () => {
    const { [caller]: its } = apps;
    assert.ok(its);
    const taken = await run("up", oneMore(its), "--save-at-end");
    const steps = stepsOf(taken);
    const { create, update, replace, delete: deleted } = taken.report.changes;
    assert.equal(steps.length, create + update, `a step was overlooked: ${steps.join(", ")}`);
    assert.deepEqual([replace, deleted], [0, 0]);

    const created = steps.filter((step) => step.startsWith("creating "));
    assert.deepEqual(
      created.filter((step) => !/ (dns-)?newcomer(-|$)/.test(step)),
      [],
    );
    for (const kind of ["AppService", "Deployment", "Service", "ServiceAccount", "PodDisruptionBudget"])
      assert.ok(
        created.some((step) => step.endsWith(`:${kind} newcomer`)),
        `it has no ${kind}`,
      );
    const opening = callees.filter((name) => apps[name]?.meshed);
    assert.ok(opening.length > 0);
    assert.deepEqual(
      steps.filter((step) => !step.startsWith("creating ")),
      [
        ...[caller, ...callees]
          .sort()
          .map((name) => `updating kubernetes:cilium.io/v2:CiliumNetworkPolicy ${name}-policy`),
        // The identities that the mesh admits.
        ...opening.map(
          (name) => `updating kubernetes:policy.linkerd.io/v1alpha1:MeshTLSAuthentication ${name}-callers`,
        ),
      ],
    );
  });
});
