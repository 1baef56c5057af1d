import { needsHttpRoutes } from "../../components/app/mesh-traffic";
import { findController } from "../../components/ingress/controllers";
import { findSkippedPorts } from "../../components/linkerd/skipped-ports";
import { platformNamespaces } from "../../components/namespaces";
import { appPorts, findPodOwners } from "../../components/network-policy/call-graph";
import { errorIf, type ConfigError } from "../config-error";
import { appRule, rule, type Facts, type NamedApp, type Rule } from "../rule";

/** Rules about Linkerd, its dashboard and its members. */
export const meshMembershipRules: readonly Rule[] = [
  rule(["mesh", "cluster"], ({ mesh, cluster: { nodes } }) => {
    if (mesh.ha !== true || nodes >= 3) return [];
    const on = nodes === 1 ? "one node" : `${nodes} nodes`;
    const message = `got true on ${on}, want false, or three nodes: each of three copies needs a node of its own`;
    return [{ path: "mesh.ha", message }];
  }),
  appRule(["mesh"], ({ namespace }, { mesh }) =>
    errorIf(
      namespace === platformNamespaces.linkerdViz && !mesh.viz,
      "namespace",
      "got linkerd-viz, which does not exist without viz; want mesh.viz: true or another namespace",
    ),
  ),
  appRule([], findDashboardErrors),
  appRule(["namespace"], findSharedPodErrors),
  appRule([], findOpaqueErrors),
  appRule([], findSkippedPortErrors),
  rule(["ingress", "charts", "apps"], findGatewayApiErrors),
];

/** The viz dashboard has no authentication: any client that can connect sees every meshed pod and can tap its requests. */
function findDashboardErrors({ namespace, routes }: NamedApp): ConfigError[] {
  if (namespace !== platformNamespaces.linkerdViz) return [];
  return routes.flatMap(({ basicAuth, forwardAuth, allowFrom, redirect }, index) =>
    errorIf(
      !(basicAuth ?? forwardAuth ?? allowFrom ?? redirect),
      `routes.${index}.basicAuth`,
      "is missing, want basicAuth, forwardAuth or allowFrom: the apps in linkerd-viz have no authentication",
    ),
  );
}

/** Existing apps that select pods of an app created here: these are meshed, and have an identity, as that app says. */
function findSharedPodErrors(
  app: NamedApp,
  { apps, namespace }: Pick<Facts, "apps" | "namespace">,
): ConfigError[] {
  if (!app.existing) return [];
  const own = Object.entries(apps)
    .filter(([, { service }]) => service?.type !== "ExternalName")
    .map(([name, each]) => ({ ...each, name }));
  return findPodOwners(app, own, namespace).flatMap((owner): ConfigError[] => {
    const why = `its podLabels select the pods of ${owner.name}`;
    const { meshed, serviceAccount } = app;
    return [
      ...errorIf(
        meshed !== owner.meshed,
        "meshed",
        `got ${meshed}, want ${owner.meshed}: ${why}, whose meshed is ${owner.meshed}`,
      ),
      ...errorIf(
        serviceAccount !== undefined,
        "serviceAccount",
        `got ${serviceAccount}, want none: ${why}, which have the ServiceAccount ${owner.name}`,
      ),
    ];
  });
}

function findOpaqueErrors({ egress, existing }: NamedApp): ConfigError[] {
  return egress.flatMap(({ opaque, protocol }, index) => {
    if (!opaque) return [];
    const path = `egress.${index}.opaque`;
    return [
      ...errorIf(
        protocol === "UDP",
        path,
        "cannot be combined with protocol: UDP, which no proxy carries; want none",
      ),
      ...errorIf(
        existing,
        path,
        "cannot be combined with existing: true; want none, and the annotation config.linkerd.io/skip-outbound-ports on its pods",
      ),
    ];
  });
}

/** A port that bypasses the proxy does so at every destination: a meshed callee denies calls without mutual TLS. */
function findSkippedPortErrors(app: NamedApp, { apps }: Pick<Facts, "apps">): ConfigError[] {
  if (!app.meshed || app.image === undefined) return [];
  const callees = app.calls.flatMap((name) => {
    const { [name]: callee } = apps;
    const external = callee?.service?.type === "ExternalName" ? callee.service.externalName : undefined;
    return callee === undefined ? [] : [{ ...callee, name, external }];
  });
  const skipped = findSkippedPorts(app, callees);
  return app.calls.flatMap((name, index): ConfigError[] => {
    const callee = callees.find((each) => each.name === name);
    if (callee === undefined || callee.external !== undefined || !callee.meshed) return [];
    const port = [...appPorts(callee), callee.servicePort].find((each) => each && skipped.includes(each));
    const message =
      `got ${name} with port ${port}, which is also a port outside of the cluster whose server speaks first: ` +
      "such a port bypasses Linkerd's proxy, without which the call is denied; want another port of one of the two";
    return errorIf(port !== undefined, `calls.${index}`, message);
  });
}

/** The definitions of Gateway API come from no chart, so a mirror of charts in a registry does not have them. */
function findGatewayApiErrors({
  ingress: { controller, gatewayApi },
  charts,
  apps,
}: Pick<Facts, "apps" | "charts" | "ingress">): ConfigError[] {
  const isNeeded =
    findController(controller).installation.readsGatewayApi === "always" ||
    Object.values(apps).some(needsHttpRoutes);
  if (!isNeeded || gatewayApi !== undefined || !charts.startsWith("oci://")) return [];
  const message =
    `is missing, want installed or upstream's standard-install.yaml as a file or an https URL: the mirror ${charts} ` +
    "contains charts only, and Gateway API has none";
  return [{ path: "ingress.gatewayApi", message }];
}
