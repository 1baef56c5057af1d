import * as assert from "node:assert/strict";

import type { AppSettings } from "../../settings";
import { changed } from "../config";
import { prod, read, type Changes } from "./configurations";

const image = "ghcr.io/org/app:v1.0.0";

/** The settings of one app. */
async function appOf(given: object, more: Changes = {}): Promise<AppSettings> {
  const { apps } = await read(changed(prod, { "apps.other": { port: 3000, ...given }, ...more }));
  const [found] = apps.filter(({ name }) => name === "other");
  assert.ok(found);
  return found;
}

const common = {
  name: "other",
  namespace: undefined,
  serviceName: "other",
  servicePort: 3000,
  port: 3000,
  ports: {},
  meshed: true,
  calls: [],
  egress: [],
  routes: [],
};

describe("the settings of an app", () => {
  it("have two replicas and a ClusterIP Service by default", async () =>
    assert.deepEqual(await appOf({ image }), {
      ...common,
      existing: false,
      image,
      protocol: "http",
      replicas: 2,
      healthPath: undefined,
      probes: {},
      drainSeconds: undefined,
      canary: undefined,
      resources: { cpu: "100m", memory: "128Mi" },
      env: {},
      secrets: {},
      traffic: undefined,
      serviceProfile: undefined,
      service: { type: "ClusterIP" },
      exposed: false,
    }));

  it("have the URL that their forwardAuth asks, by the Service of that app", async () => {
    const authUrl = async (sso: object) => {
      const route = { host: "other.example.com", forwardAuth: { app: "sso", path: "/oauth2/auth" } };
      const { apps } = await read(
        changed(prod, { "apps.sso": sso, "apps.other": { image, port: 1, routes: [route] } }),
      );
      const by = (name: string) => apps.find((app) => app.name === name);
      return [by("other")?.routes[0]?.authUrl, by("sso")?.authenticates, by("other")?.authenticates];
    };
    assert.deepEqual(await authUrl({ image, port: 4180, servicePort: 80 }), [
      "http://sso.production.svc.cluster.local:80/oauth2/auth",
      true,
      undefined,
    ]);
    assert.deepEqual(
      await authUrl({ existing: true, port: 9000, namespace: "authentik", serviceName: "authentik-server" }),
      ["http://authentik-server.authentik.svc.cluster.local:9000/oauth2/auth", true, undefined],
    );
  });

  it("have no replicas with autoscaling, which has at least two", async () => {
    const app = await appOf({ image, autoscaling: { max: 5 } });
    assert.ok("autoscaling" in app);
    assert.deepEqual(app.autoscaling, { min: 2, max: 5, cpuPercent: 80 });
    assert.equal("replicas" in app, false);
  });

  it("have the identity of an existing app", async () => {
    assert.deepEqual(await appOf({ existing: true }), {
      ...common,
      existing: true,
      podLabels: { app: "other" },
      serviceAccount: "default",
    });
    const viz = { namespace: "linkerd-viz", serviceName: "web", serviceAccount: "web" };
    const podLabels = { component: "web" };
    assert.deepEqual(await appOf({ existing: true, ...viz, podLabels, servicePort: 80 }), {
      ...common,
      ...viz,
      servicePort: 80,
      existing: true,
      podLabels,
    });
  });

  it("have the name and port of an external app", async () =>
    assert.deepEqual(
      await appOf({ protocol: "tcp", service: { type: "ExternalName", externalName: "db.example.org" } }),
      { ...common, existing: false, protocol: "tcp", external: "db.example.org" },
    ));

  it("have no namespace if it is that of the apps", async () =>
    assert.equal((await appOf({ existing: true, namespace: "production" })).namespace, undefined));

  for (const [type, exposed] of [
    ["ClusterIP", false],
    ["Headless", false],
    ["NodePort", true],
  ] as const)
    it(`are ${exposed ? "" : "not "}exposed outside of the ingress by a ${type}`, async () => {
      const app = await appOf({ image, service: { type } });
      assert.ok("image" in app);
      assert.equal(app.exposed, exposed);
    });

  it("have an app's load balancer in the manager's terms", async () => {
    const loadBalancer = {
      name: "other",
      networkZone: "eu-central",
      privateIp: "10.0.0.9",
      subnet: "10.0.0.0/24",
      public: false,
      ipv6: false,
      proxyProtocol: true,
      healthCheck: { intervalSeconds: 5 },
    };
    const app = await appOf({ image, service: { type: "LoadBalancer", loadBalancer } });
    assert.ok("image" in app);
    assert.equal(app.exposed, true);
    assert.deepEqual(app.service, {
      type: "LoadBalancer",
      loadBalancer: {
        name: "other",
        type: "lb11",
        location: { networkZone: "eu-central" },
        algorithm: "round_robin",
        usePrivateIp: true,
        protocol: "tcp",
        privateIpv4: "10.0.0.9",
        privateSubnetIpRange: "10.0.0.0/24",
        usesProxyProtocol: true,
        disablePublicNetwork: true,
        ipv6Disabled: true,
        disablePrivateIngress: true,
        healthCheck: { protocol: "tcp", intervalSeconds: 5 },
      },
    });
  });

  it("have the extra namespaces of routes, once each, sorted", async () => {
    const routed = (host: string, more: object) => ({
      port: 80,
      existing: true,
      routes: [{ host }],
      ...more,
    });
    const settings = await read(
      changed(prod, {
        "apps.viz": routed("viz.example.com", { namespace: "monitoring" }),
        "apps.dashboard": routed("dashboard.example.com", { namespace: "dashboards" }),
        "apps.other": routed("other.example.com", { namespace: "monitoring" }),
        "apps.here": routed("here.example.com", {}),
        "apps.silent": { port: 80, existing: true, namespace: "silent" },
      }),
    );
    assert.deepEqual(settings.extraRouteNamespaces, ["dashboards", "monitoring"]);
  });
});
