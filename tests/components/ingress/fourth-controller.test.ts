import * as assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

import ts from "typescript";

import { controllerNames, listControllers } from "../../../components/ingress/controllers";
import { isSupported } from "../../../components/ingress/ingress-controller";
import type { Route } from "../../../components/ingress/route";
import { root } from "../../config";
import { find, type Recorded } from "../../harness";
import type { Logged } from "../../logged";

interface Outcome {
  readonly resources: readonly Recorded[];
  readonly logs: readonly Logged[];
  readonly fault?: string;
}

/** The program of the production stack, with a fourth controller in the registry. */
function run(changes: Readonly<Record<string, unknown>>): Outcome {
  const program = path.join(__dirname, "example-controller", "program.ts");
  const loader = path.join(root, "sandbox", "typescript.cjs");
  const output = execFileSync(process.execPath, ["--require", loader, program, JSON.stringify(changes)], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  return JSON.parse(output) as Outcome;
}

/** The registered controllers that support a feature of a route, as messages list them. */
const listControllersFor = (feature: string, route: Partial<Route>): string =>
  listControllers(
    ({ routes }) =>
      !routes
        .unsupported({ host: "admin.example.com", paths: [], ...route })
        .some(({ field }) => `${feature}.`.startsWith(`${field}.`)),
  );

const example = { "ingress.controller": "example", "originLock.clientCertificate": false };

describe("a fourth ingress controller, added by one folder and one line", () => {
  let outcome: Outcome;
  const inputs = (type: string, name: string) => JSON.stringify(find(outcome.resources, type, name).inputs);
  before(() => (outcome = run({ ...example, "cilium.clusterDefaultDeny": true })));

  it("is installed as its object specifies", () => {
    assert.equal(outcome.fault, undefined);
    const { name, namespace, values, chart } = find(outcome.resources, ":Release", "example-chart").inputs;
    assert.deepEqual(
      [name, namespace, values, chart],
      ["example", "example-system", { example: 3600 }, "ingress-nginx"],
    );
    assert.ok(outcome.logs.some(({ message }) => message === "example is deprecated"));
  });

  it("is the load balancer's target and has its health checked", () => {
    for (const [name, port] of [
      ["load-balancer-http", 31180],
      ["load-balancer-https", 31543],
    ] as const) {
      const service = find(outcome.resources, ":LoadBalancerService", name).inputs;
      assert.equal(service.destinationPort, port);
      const check = service.healthCheck as { port: number; http: { path: string } };
      assert.deepEqual([check.port, check.http.path], [31543, "/example-health"]);
    }
  });

  it("is allowed by Cilium and by Linkerd", () => {
    const opening = inputs(":CiliumClusterwideNetworkPolicy", "cilium-platform-example-system");
    for (const part of [/example-app.*"1080".*"1443"/, /"1999"/]) assert.match(opening, part);
    assert.match(inputs(":CiliumNetworkPolicy", "api-gateway-policy-example-system"), /example-app/);
    const identities = outcome.resources.filter(({ type }) => type.endsWith(":MeshTLSAuthentication"));
    assert.match(JSON.stringify(identities), /example-account\.example-system/);
  });

  it("reads the routes of the apps, with its own origin lock in their namespace", () => {
    const ingresses = outcome.resources.filter(({ type }) => type.endsWith(":Ingress"));
    assert.ok(ingresses.length > 0);
    for (const ingress of ingresses) {
      const { metadata, spec } = ingress.inputs as {
        metadata: { annotations: Record<string, string> };
        spec: { ingressClassName: string };
      };
      assert.equal(spec.ingressClassName, "example-class");
      assert.match(
        metadata.annotations["example/allow-list"] ?? "",
        /^(none|example production\/origin-lock)$/,
      );
    }
    assert.match(inputs(":Middleware", "origin-lock"), /"namespace":"production"/);
    assert.match(inputs(":ConfigMap", "handover"), /example/);
  });

  it("reports features that it does not support, and is named in the messages of the others", () => {
    const own = run({
      ...example,
      "originLock.clientCertificate": true,
      "apps.admin.routes.0.maxBodySize": "1Mi",
      "loadBalancer.nodePorts.http": 31180,
      namespace: "example-system",
    });
    const bySize = listControllersFor("maxBodySize", { maxBodySize: "1Mi" });
    const byLock = listControllers(({ routes }) => isSupported(routes.originLock.clientCertificate));
    for (const pattern of [
      new RegExp(`maxBodySize: is not supported; want none, or ingress\\.controller ${bySize}$`, "m"),
      new RegExp(`clientCertificate: is true, but not supported; want .*\\.controller ${byLock}$`, "m"),
      /loadBalancer\.nodePorts\.http: got 31180, which example has/,
      /namespace: got example-system/,
    ])
      assert.match(own.fault ?? "", pattern);
    const request = { set: { "X-A": "b" }, remove: [] };
    const nginx = run({
      "ingress.controller": "nginx",
      "apps.admin.routes.0.headers": { request },
      "apps.grafana.routes.0.redirect": { to: "example.org" },
    });
    const byHeaders = listControllersFor("headers.request", {
      headers: { request, response: { set: {}, remove: [] } },
    });
    const byKeepPath = listControllersFor("redirect.keepPath", {
      redirect: { to: "example.org", status: 301, keepPath: true },
    });
    assert.match(nginx.fault ?? "", new RegExp(`redirect\\.keepPath: .*\\.controller ${byKeepPath}$`, "m"));
    assert.match(
      nginx.fault ?? "",
      new RegExp(`headers\\.request: .*ingress\\.controller ${byHeaders} or example$`, "m"),
    );
  });
});

describe("the name of an ingress controller", () => {
  /** Files with names of charts, or of k3s's own Traefik. */
  const exempt = ["components/charts.ts", "components/cilium/k3s-components.ts"];

  const literals = (file: string): string[] => {
    const source = ts.createSourceFile(
      file,
      fs.readFileSync(path.join(root, file), "utf8"),
      ts.ScriptTarget.Latest,
    );
    const found: string[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isStringLiteralLike(node) && (controllerNames as readonly string[]).includes(node.text))
        found.push(`${file}: ${node.text}`);
      ts.forEachChild(node, visit);
    };
    visit(source);
    return found;
  };

  it("is a literal only in its own folder and in the registry", () => {
    const product = ["components", "settings"].flatMap((folder) =>
      fs
        .readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
        .map((file) => path.join(folder, file)),
    );
    const files = [...product, "index.ts", "providers.ts", "settings.ts"].filter(
      (file) =>
        file.endsWith(".ts") && !file.startsWith("components/ingress/controllers/") && !exempt.includes(file),
    );
    assert.ok(files.length > 100);
    assert.deepEqual(files.flatMap(literals), []);
  });
});
