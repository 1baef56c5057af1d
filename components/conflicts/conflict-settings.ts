import { findController } from "../ingress/controllers";
import { nodePortsFor } from "../ingress/ingress-installation";
import type { Settings } from "../../settings";
import type { ReferencedObject, PlannedNodePort } from "./planned-objects";

/**
 * Finds the objects that the settings name and that must exist already: without its namespace an object cannot be created,
 * without its Secret or Service an `up` times out. With `awaitReady: false` Secrets and Services may be created later.
 */
export function findReferencedObjects({
  apps,
  ingress,
  namespace,
  awaitReady,
}: Settings): ReferencedObject[] {
  const served = ingress.namespaces.map((name, index) => ({
    path: `ingress.namespaces.${index}`,
    kind: "Namespace" as const,
    name,
  }));
  const ofApps = apps.flatMap((app): ReferencedObject[] => {
    const path = `apps.${app.name}`;
    const where = app.namespace ?? namespace;
    const elsewhere: ReferencedObject[] =
      app.namespace === undefined
        ? []
        : [{ path: `${path}.namespace`, kind: "Namespace", name: app.namespace }];
    if (!awaitReady) return elsewhere;
    if (app.existing)
      return [
        ...elsewhere,
        { path: `${path}.serviceName`, kind: "Service", name: app.serviceName, namespace: where },
      ];
    const secrets = "secrets" in app ? Object.entries(app.secrets) : [];
    return secrets.map(([variable, { secret }]) => ({
      path: `${path}.secrets.${variable}`,
      kind: "Secret",
      name: secret,
      namespace: where,
    }));
  });
  return [...served, ...ofApps];
}

/**
 * Finds the node ports of the ingress and the apps. With `managedBy: ccm` Kubernetes chooses the ingress' node ports.
 */
export function findPlannedNodePorts({
  apps,
  ingress: { controller },
  loadBalancer,
  namespace,
}: Settings): PlannedNodePort[] {
  const { installation } = findController(controller);
  const release = installation.identity.name;
  const { http, https, health } = nodePortsFor(installation, loadBalancer);
  const ports = { http, https, ...(health !== http && { [installation.nodePorts.health]: health }) };
  const ingress = Object.entries(loadBalancer.managedBy === "ccm" ? {} : ports).map(([key, port]) => ({
    path: `loadBalancer.nodePorts.${key}`,
    port,
    owner: `${release}/${release}`,
  }));
  const own = apps.flatMap((app) =>
    "service" in app && app.service.type === "NodePort" && app.service.nodePort !== undefined
      ? [
          {
            path: `apps.${app.name}.service.nodePort`,
            port: app.service.nodePort,
            owner: `${namespace}/${app.serviceName}`,
          },
        ]
      : [],
  );
  return [...ingress, ...own];
}
