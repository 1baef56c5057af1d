import * as os from "node:os";
import * as path from "node:path";

import fc from "fast-check";

import { controllerNames, type ControllerName } from "../../components/ingress/controllers";
import { externalDnsSecret, secretConfig, type StackConfig } from "../config";
import { authority } from "./ca-certificate";
import { apps } from "./generated-apps";
import { balancers } from "./generated-balancer";
import { edges, locks, wafs } from "./generated-edge";
import { ciliums, clusters, meshes } from "./generated-platform";
import { externalDns, owners, zoneRecords } from "./generated-zone";

/** The folder with charts that some configs name. A test of the program writes the Gateway API CRDs to {@link definitionsFile}. */
export const chartsFolder = path.join(os.tmpdir(), `charts-${process.pid}`);
export const definitionsFile = path.join(chartsFolder, "gateway-api", "standard-install.yaml");

/** A mirror of charts, and the source of the Gateway API CRDs if anything needs them; never upstream. */
const sources = (isNeeded: boolean) =>
  fc
    .tuple(
      fc.constantFrom(undefined, "", "oci://mirror.test/charts", chartsFolder),
      fc.constantFrom(undefined, "installed", definitionsFile),
    )
    .map(([charts, gatewayApi = isNeeded && charts !== chartsFolder ? "installed" : undefined]) => ({
      charts,
      gatewayApi,
    }));

const ingresses = (controller: ControllerName) =>
  fc.record(
    {
      controller: fc.constant(controller),
      replicas: fc.constantFrom({ min: 1, max: 1 }, { min: 2 }, { max: 20 }),
      resources: fc.constantFrom({ cpu: "1" }, { memory: "1Gi" }),
      keepAliveSeconds: fc.constantFrom(10, 900),
      maxHeaderSize: fc.constantFrom("8Ki", "128Ki"),
      // Routes ask for 30 s at most.
      maxRequestSeconds: fc.constantFrom(30, 86_400),
    },
    { requiredKeys: ["controller"] },
  );

/** Issuers: two that the public trusts, and two that it does not. */
const issuers = fc.constantFrom(
  { issuer: "letsencrypt-prod" },
  { issuer: "letsencrypt-staging" },
  { issuer: "acme", acme: { server: "https://ca.example.net/directory" } },
  { issuer: "acme", acme: { server: "https://10.0.0.5:14000/dir", ca: authority } },
);

type Managers = readonly ("pulumi" | "ccm")[];

/** The settings on which others depend. */
const contexts = (controllers: readonly ControllerName[], managers: Managers) =>
  fc
    .record({
      controller: fc.constantFrom(...controllers),
      managedBy: fc.constantFrom(...managers),
      // Cloudflare has no certificate for names two levels below the zone.
      place: fc.oneof(
        { arbitrary: fc.constant({ domain: "example.com", proxied: true }), weight: 3 },
        fc.constant({ domain: "example.com", proxied: false }),
        fc.constant({ domain: "dev.example.com", proxied: false }),
      ),
      proxyProtocol: fc.boolean(),
      certificates: issuers,
      ownsZone: fc.boolean(),
      plan: fc.constantFrom("free", "pro", "business", "enterprise"),
      createTokens: fc.boolean(),
      cluster: clusters,
      cni: ciliums,
    })
    .chain((chosen) => meshes(chosen.cluster.nodes).map((mesh) => ({ ...chosen, mesh })))
    .map(({ place, cni, ...chosen }) => {
      const { issuer, acme } = chosen.certificates;
      const isPrivate = acme !== undefined && "ca" in acme;
      return {
        ...chosen,
        ...place,
        ...cni,
        isTrusted: !isPrivate && issuer !== "letsencrypt-staging",
        otherCa: issuer === "acme" && !isPrivate,
        isLetsEncrypt: issuer !== "acme",
        hasViz: chosen.mesh.viz !== false,
      };
    });

/** The same with records, external-dns and apps, which depend on them in this order. */
const contextsWithApps = (controllers: readonly ControllerName[], managers: Managers) =>
  contexts(controllers, managers)
    .chain((context) =>
      fc.record({
        context: fc.constant(context),
        records: zoneRecords(context),
        externalDns: fc.option(externalDns(context.domain), { nil: undefined, freq: 2 }),
      }),
    )
    .chain(({ context, records, externalDns }) => {
      const configured = new Set(records.map(({ name }) => `${name}.example.com`));
      const { domains = [], sources = ["ingress"] } = externalDns ?? {};
      const isShared = (host: string) =>
        (sources as readonly string[]).includes("ingress") &&
        !configured.has(host) &&
        domains.some((domain) => host === domain || host.endsWith(`.${domain}`));
      const hasCaa = records.some(({ type, name }) => type === "CAA" && name === "www");
      const canIssue = (host: string) => !(hasCaa && context.isLetsEncrypt && host === "www.example.com");
      return apps({ ...context, isShared, canIssue }).map((all) => ({
        ...context,
        records,
        externalDns,
        apps: all,
      }));
    });

interface TrafficApp {
  readonly port?: number;
  readonly meshed?: boolean;
  readonly canary?: object;
  readonly traffic?: { readonly routes?: readonly object[] };
}

/** Whether an app has HTTPRoutes in the mesh. */
const usesHttpRoutes = (app: TrafficApp | undefined): boolean =>
  app?.meshed !== false && (app?.canary !== undefined || (app?.traffic?.routes ?? []).length > 0);

/** Any valid config with one of these controllers and managers. */
export const configsOf = (
  controllers: readonly ControllerName[] = controllerNames,
  managers: Managers = ["pulumi", "ccm"],
): fc.Arbitrary<StackConfig> =>
  contextsWithApps(controllers, managers)
    .chain((context) => {
      const all = Object.values(context.apps);
      // Two, so that a lock still has a host without one of the apps.
      const hasHosts = all.filter((each) => each?.routes.length).length > 1;
      const needsGatewayApi = context.controller === "gateway" || all.some(usesHttpRoutes);
      const { controller, managedBy, proxyProtocol, ownsZone, otherCa, isTrusted, records } = context;
      return fc.record({
        context: fc.constant(context),
        loadBalancer: balancers(managedBy, proxyProtocol),
        ingress: ingresses(controller),
        source: sources(needsGatewayApi),
        owner: ownsZone ? owners(otherCa) : fc.constant({}),
        edge: edges(isTrusted),
        waf: wafs(records.some(({ name }) => name === "old")),
        originLock: locks({ ...context, hasHosts }),
        alerts: fc.record({ alerts: fc.boolean() }, { requiredKeys: [] }),
        protect: fc.boolean(),
        // The manager's addresses are known when its Service is ready.
        awaitReady: managedBy === "ccm" ? fc.constant(true) : fc.boolean(),
      });
    })
    .map(({ context, owner, edge, waf, alerts, source: { charts, gatewayApi }, ...rest }) => {
      const { domain, proxied, plan, records, ownsZone, createTokens } = context;
      const config = {
        ...rest,
        cluster: context.cluster,
        cilium: context.cilium,
        mesh: context.mesh,
        ingress: { ...rest.ingress, ...(gatewayApi !== undefined && { gatewayApi }) },
        dns: {
          zone: "example.com",
          zoneId: "0123456789abcdef0123456789abcdef",
          ...(domain !== "example.com" && { domain }),
          proxied,
          plan,
          records,
          ...owner,
        },
        certificates: { email: "admin@example.com", ...context.certificates, ...alerts },
        namespace: "apps",
        charts,
        ownsZone,
        createTokens,
        ...(ownsZone && { edge, waf }),
        externalDns: context.externalDns,
        apps: context.apps,
      };
      const { "platform-networking:dns01Token": dns01Token, ...secrets } = secretConfig;
      const tokens = {
        "platform-networking:dns01Token": dns01Token,
        ...(context.externalDns && externalDnsSecret),
      };
      return {
        ...secrets,
        ...(!createTokens && tokens),
        ...Object.fromEntries(
          Object.entries(config)
            .filter(([, value]) => value !== undefined)
            .map(([key, value]) => [`platform-networking:${key}`, value]),
        ),
      };
    });

/** Any valid config. */
export const configs = configsOf();
