import { canaryName as toCanaryName } from "../../components/network-policy/call-graph";
import { ingressNamespaces } from "../../components/ingress/controllers";
import { resourceNames } from "../../components/ingress/route-manifests";
import { platformNamespaces } from "../../components/namespaces";
import { errorIf, type ConfigError } from "../config-error";
import { findRepeated } from "../repeated";
import { appRule, rule, type Facts, type Rule } from "../rule";

/** Rules about names: of namespaces, apps and load balancers. */
export const nameRules: readonly Rule[] = [
  rule(["namespace"], ({ namespace }) =>
    errorIf(
      reservedNamespaces.includes(namespace) || namespace.startsWith("kube-"),
      "namespace",
      `got ${namespace}, want a namespace that only the apps are in`,
    ),
  ),
  rule(["ingress", "namespace"], findServedNamespaceErrors),
  rule(["calls", "appNames"], ({ calls, appNames }) =>
    calls
      .filter(({ callee }) => !appNames.includes(callee))
      .map(({ path, callee }) => ({
        path,
        message: `got ${callee}, want the name of an app: ${appNames.join(", ")}`,
      })),
  ),
  appRule([], ({ calls }, { apps }) =>
    calls.flatMap((callee, index) =>
      errorIf(
        apps[callee] !== undefined && apps[callee].port === undefined,
        `calls.${index}`,
        `got ${callee}, which listens on no port; want an app with port`,
      ),
    ),
  ),
  appRule(["appNames"], ({ name, canary }, { appNames }) => {
    const canaryName = toCanaryName(name);
    const error = (message: string) => ({ path: "canary", message });
    if (canary === undefined) return [];
    return [
      ...(appNames.includes(canaryName)
        ? [error(`its name is ${canaryName}, and so is another app's; want another name for that one`)]
        : []),
      ...(canaryName.length > 63
        ? [
            error(
              `its name is ${canaryName}, too long for a Service; want an app name of at most 56 characters`,
            ),
          ]
        : []),
    ];
  }),
  rule(["routes"], findObjectNameErrors),
  rule(["loadBalancer", "apps"], findLoadBalancerNameErrors),
];

/** Namespaces whose default deny would cut off the cluster, in addition to `kube-*`. */
const reservedNamespaces: readonly string[] = [
  ...Object.values(platformNamespaces),
  ...ingressNamespaces,
  "default",
];

/** Namespaces in `ingress.namespaces` that are served already, or whose Secrets the controller must not read. */
function findServedNamespaceErrors({
  ingress,
  namespace,
}: Pick<Facts, "ingress" | "namespace">): ConfigError[] {
  const platform: readonly string[] = [...Object.values(platformNamespaces), ...ingressNamespaces];
  return [
    ...findRepeated(ingress.namespaces, () => "ingress.namespaces"),
    ...ingress.namespaces.flatMap((name, index) => [
      ...errorIf(
        name === namespace,
        `ingress.namespaces.${index}`,
        `got ${name}, the namespace of the apps, which is served anyway; want others only`,
      ),
      ...errorIf(
        platform.includes(name),
        `ingress.namespaces.${index}`,
        `got ${name}, where keys of the platform are: Traefik could read them; want a namespace without`,
      ),
    ]),
  ];
}

/** Routes of two apps whose objects would have the same names. */
function findObjectNameErrors({ routes }: Pick<Facts, "routes">): ConfigError[] {
  const owners = new Map<string, string>();
  return routes.flatMap(({ app, path, route: { host } }): ConfigError[] => {
    const name = resourceNames(app, host).objectName;
    const id = `${host} of ${app}`;
    const owner = owners.get(name);
    owners.set(name, id);
    if (owner === undefined || owner === id) return [];
    const message = `got ${host}, whose objects would have the same names as those of ${owner}; want another host or app name`;
    return [{ path: `${path}.host`, message }];
  });
}

/** The cloud controller manager takes over, and later deletes, an existing load balancer of the name. */
function findLoadBalancerNameErrors({
  apps,
  loadBalancer,
}: Pick<Facts, "apps" | "loadBalancer">): ConfigError[] {
  const owners = new Map([[loadBalancer.name, "loadBalancer"]]);
  return Object.entries(apps).flatMap(([app, { service }]): ConfigError[] => {
    if (service?.type !== "LoadBalancer") return [];
    const { name } = service.loadBalancer;
    const owner = owners.get(name);
    owners.set(name, owner ?? `the app ${app}`);
    if (owner === undefined) return [];
    const message = `got ${name}, the name of ${owner} already; want another, or the manager would take that one over`;
    return [{ path: `apps.${app}.service.loadBalancer.name`, message }];
  });
}
