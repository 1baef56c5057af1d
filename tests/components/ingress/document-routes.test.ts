import * as assert from "node:assert/strict";

import { AppService } from "../../../components/app/app-service";
import { controllers } from "../../../components/ingress/controllers";
import { changed } from "../../config";
import { run, type Values } from "../../harness";
import { prod, read } from "../../settings/configurations";
import { providers } from "../providers";

const image = "ghcr.io/org/app:v1.0.0";

/** The Ingress objects of these apps with nginx, in the shape of the document's. */
async function ingresses(apps: object) {
  const settings = await read(changed(prod, { "ingress.controller": "nginx", apps }));
  const { resources } = await run(() => {
    const opts = { providers: providers() };
    return settings.apps.map(
      (app) =>
        new AppService(
          app.name,
          {
            ...app,
            namespace: settings.namespace,
            policy: { endpointSelector: {}, ingress: [], egress: [] },
            controller: settings.ingress.controller,
            ingressClassName: controllers[settings.ingress.controller].installation.identity.ingressClassName,
            issuer: settings.certificates.issuer,
          },
          opts,
        ),
    );
  });
  return resources
    .filter(({ type }) => type.endsWith(":Ingress"))
    .map(({ inputs }) => {
      const { namespace, annotations } = inputs.metadata as Values;
      return { namespace, annotations: annotations as Record<string, string>, spec: inputs.spec };
    });
}

const nginx = (annotations: Readonly<Record<string, string>>) => ({
  // Pulumi owns the DNS records.
  "external-dns.kubernetes.io/controller": "pulumi",
  ...Object.fromEntries(
    Object.entries(annotations).map(([key, each]) => [`nginx.ingress.kubernetes.io/${key}`, each]),
  ),
});

const backend = (name: string, number: number) => ({ service: { name, port: { number } } });

describe("the document's Ingress resources, as settings", () => {
  it("api-ingress: 100 requests a minute, CORS for one origin, its own certificate", async () => {
    const [only, ...others] = await ingresses({
      "api-gateway": {
        image,
        port: 8080,
        routes: [
          {
            host: "api.example.com",
            paths: [{ path: "/v1" }, { path: "/health", pathType: "Exact" }],
            rateLimit: { requests: 100, period: "1m" },
            cors: { origins: ["https://example.com"] },
            certificate: "own",
          },
        ],
      },
    });
    assert.deepEqual(others, []);
    assert.deepEqual(only, {
      namespace: "production",
      annotations: nginx({
        // The document's rate-limit and rate-limit-window are not annotations of ingress-nginx.
        "limit-rpm": "100",
        "limit-burst-multiplier": "1",
        "enable-cors": "true",
        "cors-allow-origin": "https://example.com",
        "cors-allow-methods": "GET,POST,PUT,PATCH,DELETE,OPTIONS",
        "cors-allow-headers": "Authorization,Content-Type",
        "cors-max-age": "600",
        "cors-allow-credentials": "false",
      }),
      spec: {
        ingressClassName: "nginx",
        tls: [{ hosts: ["api.example.com"], secretName: "api-gateway-api-example-com-tls" }],
        rules: [
          {
            host: "api.example.com",
            http: {
              paths: [
                { path: "/v1", pathType: "Prefix", backend: backend("api-gateway", 8080) },
                { path: "/health", pathType: "Exact", backend: backend("api-gateway", 8080) },
              ],
            },
          },
        ],
      },
    });
  });

  it("main-ingress: four hosts of three apps, and basic auth for grafana", async () => {
    const all = await ingresses({
      "web-frontend": {
        image,
        port: 8080,
        servicePort: 80,
        routes: [{ host: "example.com" }, { host: "www.example.com" }],
      },
      "api-gateway": { image, port: 8080, routes: [{ host: "api.example.com" }] },
      grafana: {
        image,
        port: 3000,
        routes: [{ host: "grafana.example.com", basicAuth: { users: ["admin"] } }],
      },
    });
    const password = {
      "auth-type": "basic",
      "auth-secret": "grafana-grafana-example-com-basic-auth",
      "auth-realm": "Authentication Required",
    };
    const wanted: [host: string, app: string, port: number, annotations: Record<string, string>][] = [
      ["example.com", "web-frontend", 80, {}],
      ["www.example.com", "web-frontend", 80, {}],
      ["api.example.com", "api-gateway", 8080, {}],
      ["grafana.example.com", "grafana", 3000, password],
    ];
    const byHost = ({ spec }: { readonly spec: unknown }) =>
      (spec as { rules: { host: string }[] }).rules[0]?.host ?? "";
    assert.deepEqual(
      all.toSorted((a, b) => byHost(a).localeCompare(byHost(b))),
      wanted
        .toSorted(([a], [b]) => a.localeCompare(b))
        .map(([host, app, port, annotations]) => ({
          namespace: "production",
          annotations: nginx(annotations),
          spec: {
            ingressClassName: "nginx",
            // The controller serves the wildcard certificate for a host without a Secret.
            tls: [{ hosts: [host] }],
            rules: [
              { host, http: { paths: [{ path: "/", pathType: "Prefix", backend: backend(app, port) }] } },
            ],
          },
        })),
    );
  });
});
