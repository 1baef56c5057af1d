import * as assert from "node:assert/strict";

import type { Recorded, Values } from "../harness";
import { at, id, metadataOf, ofType, type Resources } from "./resources";
import type { Said } from "./said";
import { complaintOf, podsOf } from "./selectors";

type Labels = Readonly<Record<string, string>>;

interface Ports {
  readonly name: string;
  readonly port: number;
  readonly targetPort: number;
}

/** Whether labels hold all that a selector wants. */
const hold = (labels: Labels, selector: Labels): boolean =>
  Object.entries(selector).every(([key, value]) => labels[key] === value);

const templateLabels = ({ inputs }: Recorded): Labels =>
  at(inputs, "spec.template.metadata.labels") as Labels;

/** The Deployments of a namespace whose pods a selector finds. */
const chosen = (deployments: Resources, selector: Labels, namespace: string): Resources =>
  deployments.filter(
    (each) => metadataOf(each).namespace === namespace && hold(templateLabels(each), selector),
  );

const matchLabels = ({ inputs }: Recorded): Labels => at(inputs, "spec.selector.matchLabels") as Labels;

/** A Deployment for each version of each app that is made here; each, and its budget, finds its pods and no others. */
export function everyPodIsFound(resources: Resources, { apps }: Said): void {
  const deployments = ofType(resources, "Deployment");
  const pods = podsOf(apps);
  const made = deployments.map((each) => `${metadataOf(each).namespace}/${metadataOf(each).name}`);
  const own = pods.filter(({ app }) => app?.kind === "own");
  const complaint = complaintOf(
    "the cluster",
    made,
    own.map((pod) => `${pod.namespace}/${pod.id}`),
  );
  assert.ok(complaint === "", complaint);
  for (const each of [...deployments, ...ofType(resources, "PodDisruptionBudget")]) {
    const { name, namespace } = metadataOf(each);
    const selector = matchLabels(each);
    const found = chosen(deployments, selector, namespace).map((its) => metadataOf(its).name);
    assert.deepEqual(found, [name], `${id(each)} finds the pods of ${found.join(" and ") || "nobody"}`);
    const others = pods.filter(
      (pod) => pod.app?.kind === "existing" && pod.namespace === namespace && hold(pod.labels, selector),
    );
    assert.deepEqual(
      others,
      [],
      `${id(each)} finds the pods of ${others.map((pod) => pod.id).join(" and ")}`,
    );
  }
}

/** An autoscaler has a Deployment to scale, which then has no number of its own; and every other has one. */
export function oneOfUsScales(resources: Resources, { apps }: Said): void {
  const scaled = ofType(resources, "HorizontalPodAutoscaler").map(
    ({ inputs }) => at(inputs, "spec.scaleTargetRef.name") as string,
  );
  const complaint = complaintOf(
    "the autoscalers'",
    scaled,
    apps.filter(({ isScaled }) => isScaled).map(({ name }) => name),
  );
  assert.ok(complaint === "", complaint);
  for (const each of ofType(resources, "Deployment")) {
    const isSaid = at(each.inputs, "spec.replicas") !== undefined;
    assert.equal(isSaid, !scaled.includes(metadataOf(each).name), `who says the replicas of ${id(each)}`);
  }
}

/** Every Service of an app finds one Deployment and leads to ports that its container has, as every probe does. */
export function everyServiceLeadsToItsPods(resources: Resources, { apps }: Said): void {
  const deployments = ofType(resources, "Deployment");
  for (const each of deployments) {
    const container = containerOf(each);
    for (const probe of ["startupProbe", "readinessProbe", "livenessProbe"])
      for (const how of ["httpGet", "tcpSocket"]) {
        const port = at(container, `${probe}.${how}.port`);
        if (port !== undefined)
          assert.ok(portsOf(container).includes(port as number), `${probe} of ${id(each)}`);
      }
  }
  for (const each of ofType(resources, "Service").filter(({ parent }) => parent.includes(":AppService "))) {
    const { name, namespace } = metadataOf(each);
    const app = apps.find((its) => its.name === name || `${its.name}-canary` === name);
    const isExternal = app?.kind === "external";
    assert.equal(at(each.inputs, "spec.type") === "ExternalName", isExternal, `what ${id(each)} is`);
    if (isExternal) continue;
    const found = chosen(deployments, at(each.inputs, "spec.selector") as Labels, namespace);
    assert.deepEqual(
      found.map((its) => metadataOf(its).name),
      [name],
      `${id(each)} finds other pods than its own`,
    );
    const ports = at(each.inputs, "spec.ports") as Ports[];
    const declared = found.flatMap((its) => portsOf(containerOf(its)));
    for (const { targetPort } of ports)
      assert.ok(declared.includes(targetPort), `${id(each)} leads to ${targetPort}, which no container has`);
    const complaint = complaintOf(
      id(each),
      ports.map(({ port, targetPort }) => `${port} for ${targetPort}`),
      (app?.ports ?? []).map((port) => `${port === app?.port ? app.servicePort : port} for ${port}`),
    );
    assert.ok(complaint === "", complaint);
  }
}

const containerOf = ({ inputs }: Recorded): Values =>
  (at(inputs, "spec.template.spec.containers") as Values[])[0] ?? assert.fail("no container");

const portsOf = (container: Values): number[] =>
  (container.ports as { readonly containerPort: number }[]).map(({ containerPort }) => containerPort);

/** Nobody reaches an app past the ingress but by a door that the settings ask for. */
export function everyDoorIsAskedFor(resources: Resources, { apps }: Said): void {
  const doors = ofType(resources, "Service")
    .filter(({ parent }) => parent.includes(":AppService "))
    .flatMap((each) => {
      const type = at(each.inputs, "spec.type") as string;
      return ["NodePort", "LoadBalancer"].includes(type) ? [`${type} ${metadataOf(each).name}`] : [];
    });
  const complaint = complaintOf(
    "the cluster",
    doors,
    apps.flatMap(({ name, door }) => (door ? [`${door} ${name}`] : [])),
  );
  assert.ok(complaint === "", complaint);
}
