import * as assert from "node:assert/strict";

import { gatewayApiUrl } from "../../components/charts";
import { componentArgs } from "../../settings/component-args";
import { changed } from "../config";
import { prod, read, rejects, accepts } from "./configurations";

const wantedSource = "want installed, or upstream's standard-install.yaml as a file or an https URL";
const mirror = "oci://registry.example.com/charts";
const noSource =
  "ingress.gatewayApi: is missing, want installed or upstream's standard-install.yaml as a file or an https URL: " +
  `the mirror ${mirror} contains charts only, and Gateway API has none`;

const gateway = { "ingress.controller": "gateway" };

/** On one host only, since with Traefik all routes of an app must have the same time. */
const longer = {
  "ingress.maxRequestSeconds": 90,
  "apps.web-frontend.routes": [{ host: "example.com", timeouts: { requestSeconds: 91 } }],
};

describe("the ingress controller in the settings", () => {
  rejects([
    'ingress.resources.cpu: got "half", want a Kubernetes quantity, such as 100m or 128Mi',
    ...(["traefik", "nginx"] as const).map(
      (controller) =>
        [
          { ...longer, "ingress.controller": controller },
          "apps.web-frontend.routes.0.timeouts.requestSeconds: got 91, but no request may last longer than " +
            "ingress.maxRequestSeconds, which is 90; want 90 or less, or ingress.maxRequestSeconds: 91",
        ] as const,
    ),
    ...["7Ki", "129Ki", "1Mi", "64k"].map(
      (size) => `ingress.maxHeaderSize: got "${size}", want 8Ki to 128Ki, in Ki`,
    ),
    `ingress.gatewayApi: got "", ${wantedSource}`,
    `ingress.gatewayApi: got "http://example.com/install.yaml", ${wantedSource}`,
    [
      { "apps.auth-service.canary": { image: "ghcr.io/org/auth:v2.0.0", weight: 10 }, charts: mirror },
      noSource,
    ],
    "namespace: got ingress-nginx, want a namespace that only the apps are in",
  ]);
  rejects({
    "ingress.replicas: got min 4 and max 3, want min up to max": { "ingress.replicas": { min: 4, max: 3 } },
    [noSource]: { ...gateway, charts: mirror },
    "ingress.namespaces.0: got production, the namespace of the apps, which is served anyway; want others only":
      {
        "ingress.namespaces": ["production"],
      },
    "ingress.namespaces.1: got cert-manager, where keys of the platform are: Traefik could read them; want a namespace without":
      { "ingress.namespaces": ["team-a", "cert-manager"] },
    "ingress.namespaces: got team-a a second time, want it once": {
      "ingress.namespaces": ["team-a", "team-a"],
    },
  });

  accepts([
    { "ingress.controller": "nginx", charts: mirror },
    { "ingress.replicas": { min: 10 } },
    ...["8Ki", "99Ki", "128Ki"].map((size) => ({ "ingress.maxHeaderSize": size })),
    { "ingress.resources": { cpu: "1.5", memory: "1Gi" } },
    { ...longer, "ingress.maxRequestSeconds": 91 },
    { "apps.auth-service.traffic": { timeouts: { request: "5s" } }, charts: mirror },
    { ...gateway, "ingress.gatewayApi": "installed", charts: mirror },
    { ...gateway, "ingress.gatewayApi": "./gateway-api.yaml", charts: mirror },
  ]);
});

describe("the maximum size of headers", () => {
  for (const [maxHeaderSize, wanted] of [
    [undefined, undefined],
    ["64Ki", 262_144],
  ] as const)
    it(`is that of the controller and, four times, of the mesh: ${maxHeaderSize}`, async () => {
      const { ingress, mesh } = componentArgs(
        await read(changed(prod, { "ingress.maxHeaderSize": maxHeaderSize })),
      );
      assert.deepEqual([ingress.maxHeaderSize, mesh.maxHeaderBytes], [maxHeaderSize, wanted]);
    });
});

describe("the source of the Gateway API CRDs", () => {
  const mirrored = { ...gateway, charts: "/var/charts" };
  const own = { "ingress.gatewayApi": "own.yaml" };
  const url = "https://example.com/own.yaml";
  const oneOpen = { "dns.records.3": { type: "A", name: "api", proxied: false } };
  for (const [what, changes, wanted] of [
    ["upstream's", gateway, gatewayApiUrl()],
    ["that of the mirror", mirrored, gatewayApiUrl("/var/charts")],
    ["a file", { ...mirrored, ...own }, "own.yaml"],
    ["a URL", { ...gateway, "ingress.gatewayApi": url }, url],
    ["undefined if they are installed", { ...gateway, "ingress.gatewayApi": "installed" }, undefined],
    ["undefined if nothing reads them", { "ingress.controller": "nginx", ...own }, undefined],
    [
      "that of Traefik without client certificates",
      { ...gateway, "ingress.controller": "traefik", ...own },
      "own.yaml",
    ],
    ["that of Traefik with client certificates of all hosts", own, "own.yaml"],
    ["undefined if Traefik requests those of some hosts", { ...own, ...oneOpen }, undefined],
  ] as const)
    it(`is ${what}`, async () => assert.equal((await read(changed(prod, changes))).gatewayApi, wanted));
});
