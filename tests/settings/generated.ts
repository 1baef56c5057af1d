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

/**
 * The folder with charts that some configs name. Whoever runs the program with one puts Gateway API's definitions there,
 * as {@link definitionsFile}.
 */
export const chartsFolder = path.join(os.tmpdir(), `charts-${process.pid}`);
export const definitionsFile = path.join(chartsFolder, "gateway-api", "standard-install.yaml");

/** Where the definitions come from, if anybody reads them; upstream itself is not asked. */
const sources = (isRead: boolean) =>
  fc
    .tuple(
      fc.constantFrom(undefined, "", "oci://mirror.test/charts", chartsFolder),
      fc.constantFrom(undefined, "installed", definitionsFile),
    )
    .map(([charts, configured]) => {
      const isNeeded = isRead && charts !== chartsFolder;
      return { charts, gatewayApi: configured ?? (isNeeded ? "installed" : undefined) };
    });

const ingresses = (controller: ControllerName) =>
  fc.record(
    {
      controller: fc.constant(controller),
      replicas: fc.constantFrom({ min: 1, max: 1 }, { min: 2 }, { max: 20 }),
      resources: fc.constantFrom({ cpu: "1" }, { memory: "1Gi" }),
      keepAliveSeconds: fc.constantFrom(10, 900),
      // Routes ask for 30 s at most.
      maxRequestSeconds: fc.constantFrom(30, 86_400),
    },
    { requiredKeys: ["controller"] },
  );

/** Who signs, and whether the public trusts it. */
const authorities = fc.constantFrom(
  { issuer: "letsencrypt-prod" },
  { issuer: "letsencrypt-staging" },
  { issuer: "acme", acme: { server: "https://ca.example.net/directory" } },
  { issuer: "acme", acme: { server: "https://10.0.0.5:14000/dir", ca: authority } },
);

/** What of a config decides what the rest of it may be. */
const grounds = (controllers: readonly ControllerName[], managers: readonly ("pulumi" | "ccm")[]) =>
  fc
    .record({
      controller: fc.constantFrom(...controllers),
      managedBy: fc.constantFrom(...managers),
      // Cloudflare has no certificate for what is two levels below the zone.
      place: fc.oneof(
        { arbitrary: fc.constant({ domain: "example.com", proxied: true }), weight: 3 },
        fc.constant({ domain: "example.com", proxied: false }),
        fc.constant({ domain: "dev.example.com", proxied: false }),
      ),
      proxyProtocol: fc.boolean(),
      authority: authorities,
      ownsZone: fc.boolean(),
      plan: fc.constantFrom("free", "pro", "business", "enterprise"),
      createTokens: fc.boolean(),
      cluster: clusters,
      cni: ciliums,
    })
    .chain((chosen) => meshes(chosen.cluster.nodes).map((mesh) => ({ ...chosen, mesh })))
    .map(({ place, ...chosen }) => {
      const { issuer, acme } = chosen.authority;
      const isPrivate = acme !== undefined && "ca" in acme;
      return {
        ...chosen,
        ...place,
        isTrusted: !isPrivate && issuer !== "letsencrypt-staging",
        otherCa: issuer === "acme" && !isPrivate,
        isLetsEncrypt: issuer !== "acme",
        opensAlone: chosen.cni.opensAlone,
        hasViz: chosen.mesh.viz !== false,
      };
    });

/** With the records, and with the apps, which come after them. */
const settled = (controllers: readonly ControllerName[], managers: readonly ("pulumi" | "ccm")[]) =>
  grounds(controllers, managers)
    .chain((ground) =>
      fc.tuple(
        fc.constant(ground),
        zoneRecords(ground),
        fc.option(externalDns(ground.domain), { nil: undefined, freq: 2 }),
      ),
    )
    .chain(([ground, records, dns]) => {
      const taken = new Set(records.map(({ name }) => `${name}.example.com`));
      const domains = dns?.domains ?? [];
      const read: readonly string[] = dns?.sources ?? ["ingress"];
      const isShared = (host: string) =>
        read.includes("ingress") &&
        !taken.has(host) &&
        domains.some((each) => host === each || host.endsWith(`.${each}`));
      const forbids = records.some(({ type, name }) => type === "CAA" && name === "www");
      const mayIssue = (host: string) => !(forbids && ground.isLetsEncrypt && host === "www.example.com");
      return fc.record({
        ground: fc.constant(ground),
        records: fc.constant(records),
        externalDns: fc.constant(dns),
        apps: apps({ ...ground, isShared, mayIssue }),
      });
    });

interface Shaped {
  readonly port: number;
  readonly meshed?: boolean;
  readonly canary?: object;
  readonly traffic?: { readonly routes?: readonly object[] };
}

/** Whether the mesh is told of an app by HTTPRoutes. */
const readsRoutes = (app: Shaped | undefined): boolean =>
  app?.meshed !== false && (app?.canary !== undefined || (app?.traffic?.routes ?? []).length > 0);

/** Any config of these controllers and managers that the settings take; of all of them, unless some are named. */
export const configsOf = (
  controllers: readonly ControllerName[] = controllerNames,
  managers: readonly ("pulumi" | "ccm")[] = ["pulumi", "ccm"],
): fc.Arbitrary<StackConfig> =>
  settled(controllers, managers)
    .chain(({ ground, records, ...rest }) => {
      // Two, so that a lock still has a host to lock when one of the apps goes.
      const hasHosts = Object.values(rest.apps).filter((each) => each?.routes.length).length > 1;
      const isRead = ground.controller === "gateway" || Object.values(rest.apps).some(readsRoutes);
      const { controller, managedBy, proxyProtocol, ownsZone, otherCa, isTrusted } = ground;
      return fc.record({
        ground: fc.constant({ ...ground, ...rest, records }),
        loadBalancer: balancers(managedBy, proxyProtocol),
        ingress: ingresses(controller),
        source: sources(isRead),
        owner: ownsZone ? owners(otherCa) : fc.constant({}),
        edge: edges(isTrusted),
        waf: wafs(records.some(({ name }) => name === "old")),
        originLock: locks({ ...ground, hasHosts }),
        certificates: fc.record({ alerts: fc.boolean() }, { requiredKeys: [] }),
        protect: fc.boolean(),
        // What the manager makes is known when it is ready.
        awaitReady: managedBy === "ccm" ? fc.constant(true) : fc.boolean(),
      });
    })
    .map(({ ground, owner, edge, waf, source: { charts, gatewayApi }, ...rest }) => {
      const { domain, proxied, plan, records, ownsZone, createTokens, authority: its } = ground;
      const configured = {
        ...rest,
        cluster: ground.cluster,
        cilium: ground.cni.cilium,
        mesh: ground.mesh,
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
        certificates: { email: "admin@example.com", ...its, ...rest.certificates },
        namespace: "apps",
        charts,
        ownsZone,
        createTokens,
        ...(ownsZone && { edge, waf }),
        externalDns: ground.externalDns,
        apps: ground.apps,
      };
      const { "platform-networking:dns01Token": dns01Token, ...secrets } = secretConfig;
      const given = {
        "platform-networking:dns01Token": dns01Token,
        ...(ground.externalDns && externalDnsSecret),
      };
      return {
        ...secrets,
        ...(!createTokens && given),
        ...Object.fromEntries(
          Object.entries(configured)
            .filter(([, value]) => value !== undefined)
            .map(([key, value]) => [`platform-networking:${key}`, value]),
        ),
      };
    });

/** Any config that the settings take. */
export const configs = configsOf();
