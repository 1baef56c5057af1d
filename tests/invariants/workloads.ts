import * as assert from "node:assert/strict";

import type { Recorded, Values } from "../harness";
import { readPath, id, readMetadata, filterByType, filterOfApps, type Resources } from "./resources";
import type { ExpectedApps } from "./expected-apps";
import { assertSame, listPods, matchesSelector } from "./selectors";

type Labels = Readonly<Record<string, string>>;

interface Ports {
  readonly name: string;
  readonly port: number;
  readonly targetPort: number;
  readonly protocol: string;
}

/** The labels of a Deployment's pods. */
export const templateLabels = ({ inputs }: Recorded): Labels =>
  readPath(inputs, "spec.template.metadata.labels") as Labels;

/** The Deployments of a namespace whose pods match a selector. */
const filterDeployments = (deployments: Resources, selector: Labels, namespace: string): Resources =>
  deployments.filter(
    (each) =>
      readMetadata(each).namespace === namespace &&
      matchesSelector({ matchLabels: selector }, templateLabels(each)),
  );

const matchLabels = ({ inputs }: Recorded): Labels => readPath(inputs, "spec.selector.matchLabels") as Labels;

/** Each version of each app that we deploy has a Deployment; it and its disruption budget select only its own pods. */
export function assertPodSelectors(resources: Resources, { apps }: ExpectedApps): void {
  const deployments = filterByType(resources, "Deployment");
  const deploymentsOfApps = filterOfApps(resources, "Deployment");
  const pods = listPods(apps);
  const made = deploymentsOfApps.map((each) => `${readMetadata(each).namespace}/${readMetadata(each).name}`);
  const own = pods.filter(({ app }) => app?.kind === "own");
  assertSame(
    "the cluster",
    made,
    own.map((pod) => `${pod.namespace}/${pod.id}`),
  );
  for (const each of [...deploymentsOfApps, ...filterOfApps(resources, "PodDisruptionBudget")]) {
    const { name, namespace } = readMetadata(each);
    const selector = matchLabels(each);
    const found = filterDeployments(deployments, selector, namespace).map((its) => readMetadata(its).name);
    assert.deepEqual(found, [name], `${id(each)} selects the pods of ${found.join(" and ") || "no app"}`);
    const others = pods.filter(
      (pod) =>
        pod.app?.kind === "existing" &&
        pod.namespace === namespace &&
        matchesSelector({ matchLabels: selector }, pod.labels),
    );
    assert.deepEqual(
      others,
      [],
      `${id(each)} selects the pods of ${others.map((pod) => pod.id).join(" and ")}`,
    );
  }
}

/** A Deployment has either an autoscaler or a number of replicas. */
export function assertScaling(resources: Resources, { apps }: ExpectedApps): void {
  const scaled = filterOfApps(resources, "HorizontalPodAutoscaler").map(
    ({ inputs }) => readPath(inputs, "spec.scaleTargetRef.name") as string,
  );
  assertSame(
    "the autoscalers'",
    scaled,
    apps.filter(({ isScaled }) => isScaled).map(({ name }) => name),
  );
  for (const each of filterOfApps(resources, "Deployment")) {
    const hasReplicas = readPath(each.inputs, "spec.replicas") !== undefined;
    assert.equal(hasReplicas, !scaled.includes(readMetadata(each).name), `replicas of ${id(each)}`);
  }
}

/** Every Service of an app selects one Deployment, and uses ports of its container, as all probes do. */
export function assertServicePorts(resources: Resources, { apps }: ExpectedApps): void {
  const deployments = filterByType(resources, "Deployment");
  for (const each of filterOfApps(resources, "Deployment")) {
    const container = readContainer(each);
    for (const probe of ["startupProbe", "readinessProbe", "livenessProbe"])
      for (const how of ["httpGet", "tcpSocket"]) {
        const port = readPath(container, `${probe}.${how}.port`);
        if (port !== undefined)
          assert.ok(readContainerPorts(container).includes(port as number), `${probe} of ${id(each)}`);
      }
  }
  for (const each of filterOfApps(resources, "Service")) {
    const { name, namespace } = readMetadata(each);
    const app = apps.find((its) => its.name === name || `${its.name}-canary` === name);
    const isExternal = app?.kind === "external";
    assert.equal(readPath(each.inputs, "spec.type") === "ExternalName", isExternal, `type of ${id(each)}`);
    if (isExternal) continue;
    const found = filterDeployments(deployments, readPath(each.inputs, "spec.selector") as Labels, namespace);
    assert.deepEqual(
      found.map((its) => readMetadata(its).name),
      [name],
      `${id(each)} selects other pods than its own`,
    );
    const ports = readPath(each.inputs, "spec.ports") as Ports[];
    const declared = found.flatMap((its) => readContainerPorts(readContainer(its)));
    for (const { targetPort } of ports)
      assert.ok(
        declared.includes(targetPort),
        `${id(each)} has target port ${targetPort}, which no container has`,
      );
    assertSame(
      id(each),
      ports.map(({ port, targetPort, protocol }) => `${protocol} ${port} for ${targetPort}`),
      [
        ...(app?.ports ?? []).map((port) => `TCP ${port}` as const),
        ...(app?.udpPorts ?? []).map((port) => `UDP ${port}` as const),
      ].map((each) => {
        const [protocol, port] = each.split(" ");
        const isFirst = each === `${app?.isUdp === true ? "UDP" : "TCP"} ${app?.port}`;
        return `${protocol} ${isFirst ? app?.servicePort : port} for ${port}`;
      }),
    );
  }
}

const readContainer = ({ inputs }: Recorded): Values =>
  (readPath(inputs, "spec.template.spec.containers") as Values[])[0] ?? assert.fail("no container");

const readContainerPorts = (container: Values): number[] =>
  (container.ports as { readonly containerPort: number }[]).map(({ containerPort }) => containerPort);

/** Only apps with a NodePort or LoadBalancer Service in the settings have one. */
export function assertExposedServices(resources: Resources, { apps }: ExpectedApps): void {
  const exposed = filterOfApps(resources, "Service").flatMap((each) => {
    const type = readPath(each.inputs, "spec.type") as string;
    return ["NodePort", "LoadBalancer"].includes(type) ? [`${type} ${readMetadata(each).name}`] : [];
  });
  assertSame(
    "the cluster",
    exposed,
    apps.flatMap(({ name, exposedBy }) => (exposedBy ? [`${exposedBy} ${name}`] : [])),
  );
}
