import type { EndpointSelector } from "../../components/custom-resources/cilium-resources";
import type { SaidApp } from "./said";

/** A pod, or one that stands for all of a namespace. */
export interface Pod {
  readonly id: string;
  readonly namespace: string;
  readonly labels: Labels;
  readonly app?: SaidApp;
  /** That one, and the existing apps that select the same pod. */
  readonly apps?: readonly SaidApp[];
}

type Labels = Readonly<Record<string, string>>;

const selects = (each: SaidApp, { kind, namespace }: SaidApp, labels: Labels): boolean =>
  each.kind === "existing" &&
  kind === "own" &&
  each.namespace === namespace &&
  each.versions.some((its) => Object.entries(its).every(([key, value]) => labels[key] === value));

/** The app of the pods that an app has: of an existing app over the pods of one made here, that one. */
export const ownerOf = (app: SaidApp, apps: readonly SaidApp[]): SaidApp =>
  apps.find((own) => own.versions.some((labels) => selects(app, own, labels))) ?? app;

/** One pod of each version of each app that has pods of its own. */
export const podsOf = (apps: readonly SaidApp[]): Pod[] =>
  apps
    .filter((app) => ownerOf(app, apps) === app)
    .flatMap((app) =>
      app.versions.map((labels, version) => ({
        id: version === 0 ? app.name : `${app.name}-canary`,
        namespace: app.namespace,
        labels,
        app,
        apps: [app, ...apps.filter((each) => selects(each, app, labels))],
      })),
    );

const namespaceKey = "k8s:io.kubernetes.pod.namespace";

/** Whether a selector, as an object of this namespace has it, finds a pod. Of no other does it, unless it names one. */
export function finds(selector: EndpointSelector, pod: Pod, namespace: string): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector;
  const isElsewhere = namespaceKey in matchLabels || matchExpressions.some(({ key }) => key === namespaceKey);
  if (!isElsewhere && pod.namespace !== namespace) return false;
  const labels: Readonly<Record<string, string | undefined>> = {
    ...pod.labels,
    [namespaceKey]: pod.namespace,
  };
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every((expression) => {
      const value = labels[expression.key];
      if (expression.operator === "Exists") return value !== undefined;
      const isAmong = value !== undefined && expression.values.includes(value);
      return expression.operator === "In" ? isAmong : !isAmong;
    })
  );
}

/** What is there and should not be, and what should be and is not: nothing, or a complaint that tells all of it. */
export function complaintOf(what: string, found: readonly string[], wanted: readonly string[]): string {
  const lacks = wanted.filter((each) => !found.includes(each)).map((each) => `lacks ${each}`);
  const excess = found.filter((each) => !wanted.includes(each)).map((each) => `has ${each}`);
  return lacks.length + excess.length === 0 ? "" : `${what} ${[...lacks, ...excess].join(", ")}`;
}
