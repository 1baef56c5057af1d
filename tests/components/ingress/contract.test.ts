import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { parse } from "yaml";

import { chartsFrom } from "../../../components/charts";
import { nginxProbe, nginxValues } from "../../../components/ingress/nginx-values";
import {
  platformGateway,
  platformGatewaySpec,
  traefikGatewayClass,
} from "../../../components/ingress/platform-gateway";
import { traefikProbe, traefikValues } from "../../../components/ingress/traefik-values";
import { root } from "../../config";
import { faultsOf, unknownPaths, type Schema } from "../../json-schema";
import { at, quickCheck, resolved, withoutProxyProtocol } from "./args";

/** Charts and definitions as upstream publishes them, at the versions that are pinned. */
const reference = path.resolve(root, "../shared/reference");

const read = (...file: string[]): string => fs.readFileSync(path.join(reference, ...file), "utf8");

/** Maps whose keys neither the chart's defaults nor its schema list, by chart, and why. */
const freeForm: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  traefik: {
    "deployment.podAnnotations": "annotations",
    "ports.web.http.redirections.entryPoint": "what Traefik's own option takes",
    resources: "what a container's resources are in Kubernetes",
    "service.spec": "what a Service's spec is in Kubernetes",
    tlsOptions: "one TLSOption for each key",
    tlsStore: "one TLSStore for each key",
  },
  "ingress-nginx": {
    "controller.podAnnotations": "annotations",
    "controller.config": "what ingress-nginx's own ConfigMap takes",
    "controller.extraArgs": "flags of ingress-nginx, by name",
    "controller.maxUnavailable": "the chart reads it, and tells of it in a comment alone",
  },
};

const full = { ...quickCheck, defaultCertificate: "wildcard-tls", resources: { cpu: "1", memory: "1Gi" } };

describe("the ingress controllers' contract with upstream", () => {
  before(function () {
    if (fs.existsSync(reference)) return;
    console.log(
      "      skipped: ../shared is not there, so nothing can be compared with upstream's own charts",
    );
    this.skip();
  });

  for (const [what, chart, values] of [
    ["Traefik", "traefik", traefikValues(full)],
    ["Traefik without PROXY protocol", "traefik", traefikValues(withoutProxyProtocol)],
    ["Traefik with Gateway API", "traefik", traefikValues(full, "gateway")],
    ["ingress-nginx", "ingress-nginx", nginxValues(full)],
    ["ingress-nginx without PROXY protocol", "ingress-nginx", nginxValues(withoutProxyProtocol)],
  ] as const)
    it(`sets no value of ${what} that its chart does not have`, async () => {
      const file = path.join(reference, "charts", chart, "values.schema.json");
      const schema = fs.existsSync(file) ? (JSON.parse(fs.readFileSync(file, "utf8")) as Schema) : {};
      const defaults = parse(read("charts", chart, "values.yaml")) as unknown;
      const known = await resolved(values);
      const unknown = unknownPaths(known, defaults, schema, schema).filter(
        (each) =>
          !Object.keys(freeForm[chart] ?? {}).some((free) => each === free || each.startsWith(`${free}.`)),
      );
      assert.deepEqual(unknown, []);
      assert.deepEqual(faultsOf(known, schema, { root: schema, closed: false }), []);
    });

  it("knows the readiness probes of the charts, which it counts on", () => {
    for (const [chart, probe, wanted] of [
      ["traefik", "readinessProbe", traefikProbe],
      ["ingress-nginx", "controller.readinessProbe", nginxProbe],
    ] as const) {
      const given = at(parse(read("charts", chart, "values.yaml")), probe) as typeof wanted;
      const { periodSeconds, failureThreshold } = given;
      assert.deepEqual({ periodSeconds, failureThreshold }, wanted, chart);
    }
  });

  it("writes Gateway and GatewayClass as their definitions ask", () => {
    const { name, namespace } = platformGateway;
    for (const [plural, spec, metadata] of [
      ["gateways", platformGatewaySpec("wildcard-tls", ["production"]), { name, namespace }],
      ["gatewayclasses", traefikGatewayClass, { name }],
    ] as const) {
      const { versions } = (
        parse(read("crds", "gateway-api", `gateway.networking.k8s.io_${plural}.yaml`)) as {
          spec: { versions: { name: string; schema: { openAPIV3Schema: Schema } }[] };
        }
      ).spec;
      const schema = versions.find((each) => each.name === "v1")?.schema.openAPIV3Schema;
      assert.ok(schema);
      assert.deepEqual(faultsOf({ metadata, spec }, schema, { root: schema, closed: true }), []);
    }
  });

  it("takes ingress-nginx at the version of the chart that is known here", () => {
    const { controller } = parse(read("charts", "ingress-nginx", "values.yaml")) as {
      controller: { image: { tag: string } };
    };
    // v1.15.1 comes with 4.15.1.
    const [, minor = "", patch = ""] = /^v1\.(\d+)\.(\d+)$/.exec(controller.image.tag) ?? [];
    assert.equal(chartsFrom()["ingress-nginx"].version, `4.${minor}.${patch}`);
  });
});
