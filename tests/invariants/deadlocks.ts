import * as assert from "node:assert/strict";

import type { Recorded } from "../harness";
import { findCreatedObjects } from "./created-objects";
import { findController } from "./ingress-controller";
import { findReferences } from "./references";
import { filterByType, id, readMetadata, readPath, type Resources } from "./resources";
import { matchesSelector } from "./selectors";
import { templateLabels } from "./workloads";

/** The creation of a resource, or the time when its object is ready. */
type Step = `creation of ${string}` | `readiness of ${string}`;

/**
 * No resource waits for itself: what an awaited object needs to become ready is not created after it. The message has the
 * whole circle. Nor is a Service created beside the Deployment whose pods it waits for: the engine runs a limited number
 * of operations at a time, and as many waiting Services would let no Deployment start.
 */
export function assertNoDeadlocks(resources: Resources): void {
  const byId = new Map(resources.map((each) => [id(each), each]));
  const findNeeded = createNeeds(resources);
  const end = (key: string): Step => {
    const each = byId.get(key);
    return each && isAwaited(each) ? `readiness of ${key}` : `creation of ${key}`;
  };
  const stepsBefore = (step: Step): readonly Step[] => {
    const key = step.replace(/^\w+ of /, "");
    const each = byId.get(key);
    if (each === undefined) return [];
    if (step.startsWith("creation"))
      return [...each.dependencies.map(end), ...(each.parent === "" ? [] : [end(each.parent)])];
    return [`creation of ${key}`, ...findNeeded(each)];
  };
  const visited = new Set<Step>();
  const visit = (step: Step, path: readonly Step[]): void => {
    const circle = path.indexOf(step);
    assert.ok(circle < 0, `a deadlock: ${[...path.slice(circle), step].join(" waits for ")}`);
    if (visited.has(step)) return;
    for (const earlier of stepsBefore(step)) visit(earlier, [...path, step]);
    visited.add(step);
  };
  for (const each of resources) visit(`readiness of ${id(each)}`, []);

  const deployments = filterByType(resources, "Deployment");
  for (const service of filterByType(resources, "Service").filter(isAwaited))
    for (const deployment of deployments.filter((other) => selects(service, other)))
      assert.ok(
        service.dependencies.includes(id(deployment)),
        `${id(service)} does not depend on ${id(deployment)}, whose pods it waits for`,
      );
}

/** Whether Pulumi waits until the object is ready. */
function isAwaited(resource: Recorded): boolean {
  const { type, inputs } = resource;
  const { annotations } = readMetadata(resource);
  if (annotations["pulumi.com/skipAwait"] === "true" || inputs.skipAwait === true) return false;
  return (
    /:(Release|Deployment|Ingress)$/.test(type) ||
    annotations["pulumi.com/waitFor"] !== undefined ||
    isLoadBalancer(resource) ||
    (type.endsWith(":Service") && readPath(inputs, "spec.selector") !== undefined)
  );
}

const isLoadBalancer = ({ type, inputs }: Recorded): boolean =>
  type.endsWith(":Service") && readPath(inputs, "spec.type") === "LoadBalancer";

/** Creates a function that finds what an object needs to become ready. */
function createNeeds(resources: Resources): (each: Recorded) => readonly Step[] {
  const made = findCreatedObjects(resources);
  const { release: controller, publishedServices } = findController(resources);
  const findMade = (keys: readonly string[]): Recorded[] => keys.flatMap((key) => made.get(key) ?? []);
  const ready = (needed: Resources): Step[] => needed.map((each): Step => `readiness of ${id(each)}`);
  const created = (needed: Resources): Step[] => needed.map((each): Step => `creation of ${id(each)}`);
  const published = findMade(publishedServices.map((name) => `Service ${name}`));
  const certificates = filterByType(resources, "Certificate");

  return (each) => {
    const { namespace } = readMetadata(each);
    // The address in an Ingress is that of the Service.
    if (each.type.endsWith(":Ingress")) return ready([...findMade(findReferences(each)), ...published]);
    if (isLoadBalancer(each))
      return ready([
        ...filterByType(resources, "Deployment").filter((other) => selects(each, other)),
        ...(readMetadata(controller).namespace === namespace ? [controller] : []),
      ]);
    if (!each.type.endsWith(":Release")) return ready(findMade(findReferences(each)));
    // The CRD of its policies is Cilium's.
    const policies = each.name === "cilium" ? [] : filterByType(resources, "CiliumClusterwideNetworkPolicy");
    const isMesh = /^linkerd-(control-plane|viz-chart)$/.test(each.name);
    const mounted = certificates.filter(
      (other) => isMesh && other.name.startsWith("linkerd-") && readMetadata(other).namespace === namespace,
    );
    const roots = each.name === "linkerd-control-plane" ? filterByType(resources, "Bundle") : [];
    // The pods of ingress-nginx restart until the Service that they publish exists.
    const services = each.name === "ingress-nginx-chart" ? published : [];
    return [...ready([...mounted, ...roots]), ...created([...policies, ...services])];
  };
}

/** Whether a Service selects the pods of a Deployment. */
function selects(service: Recorded, deployment: Recorded): boolean {
  const matchLabels = (readPath(service.inputs, "spec.selector") ?? {}) as Record<string, string>;
  return (
    readMetadata(service).namespace === readMetadata(deployment).namespace &&
    matchesSelector({ matchLabels }, templateLabels(deployment))
  );
}
