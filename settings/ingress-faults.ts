import { needsHttpRoutes } from "../components/app/mesh-traffic";
import { nginxNodePorts } from "../components/ingress/controllers";
import type { Readable } from "./cross-faults";
import type { Fault } from "./faults";
import { wholeApps } from "./whole-apps";

/** Faults of the ingress controller and of what it stands on. */
export const ingressFaults = (config: Readable): Fault[] => [
  ...replicaFaults(config),
  ...gatewayApiFaults(config),
  ...nodePortFaults(config),
  ...timeoutFaults(config),
];

function replicaFaults({ ingress }: Readable): Fault[] {
  if (!ingress || ingress.replicas.min <= ingress.replicas.max) return [];
  const { min, max } = ingress.replicas;
  return [{ path: "ingress.replicas", problem: `got min ${min} and max ${max}, want min up to max` }];
}

function gatewayApiFaults({ ingress, charts, apps }: Readable): Fault[] {
  if (ingress === undefined || ingress.gatewayApi !== undefined) return [];
  const isRead =
    ingress.controller === "gateway" || wholeApps(apps).some(([, each]) => needsHttpRoutes(each));
  if (!isRead || charts?.startsWith("oci://") !== true) return [];
  const problem =
    `is missing, want installed or upstream's standard-install.yaml as a file or an https URL: the mirror ${charts} ` +
    "holds charts alone, and Gateway API has none";
  return [{ path: "ingress.gatewayApi", problem }];
}

/** The controller ends every request at its own limit, whatever a route says. */
function timeoutFaults({ ingress, apps }: Readable): Fault[] {
  if (ingress === undefined) return [];
  const { maxRequestSeconds: most } = ingress;
  return Object.entries(apps).flatMap(([app, { routes }]) =>
    routes.flatMap(({ timeouts }, index): Fault[] => {
      const seconds = timeouts?.requestSeconds ?? 0;
      if (seconds <= most) return [];
      const problem =
        `got ${seconds}, but no request may last longer than ingress.maxRequestSeconds, which is ${most}; ` +
        `want ${most} or less, or ingress.maxRequestSeconds: ${seconds}`;
      return [{ path: `apps.${app}.routes.${index}.timeouts.requestSeconds`, problem }];
    }),
  );
}

/** Every controller has node ports of its own, so that one can take over from another without a gap. */
function nodePortFaults({ loadBalancer }: Readable): Fault[] {
  if (!loadBalancer) return [];
  const reserved: readonly number[] = Object.values(nginxNodePorts);
  return Object.entries(loadBalancer.nodePorts)
    .filter(([, port]) => reserved.includes(port))
    .map(([key, port]) => ({
      path: `loadBalancer.nodePorts.${key}`,
      problem: `got ${port}, which is ingress-nginx's, want another`,
    }));
}
