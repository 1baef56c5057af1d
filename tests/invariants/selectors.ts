import * as assert from "node:assert/strict";

import type { EndpointSelector } from "../../components/custom-resources/cilium-resources";
import { findOwner, selectsPodsOf, type ExpectedApp } from "./expected-apps";

/** A pod, or one that represents all pods of a namespace. */
export interface Pod {
  readonly id: string;
  readonly namespace: string;
  readonly labels: Labels;
  readonly app?: ExpectedApp;
  /** That app, and the existing apps that select the same pod. */
  readonly apps?: readonly ExpectedApp[];
}

type Labels = Readonly<Record<string, string>>;

/** Lists one pod for each version of each app, once for apps that share pods. */
export const listPods = (apps: readonly ExpectedApp[]): Pod[] =>
  apps
    .filter((app) => findOwner(app, apps) === app)
    .flatMap((app) =>
      app.versions.map((labels, version) => ({
        id: version === 0 ? app.name : `${app.name}-canary`,
        namespace: app.namespace,
        labels,
        app,
        apps: [app, ...apps.filter((each) => selectsPodsOf(each, app, labels))],
      })),
    );

export const namespaceKey = "k8s:io.kubernetes.pod.namespace";

/** Whether a selector of an object in this namespace selects a pod. Without a namespace label, only in the same one. */
export function selectsPod(selector: EndpointSelector, pod: Pod, namespace: string): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector;
  const hasNamespace =
    namespaceKey in matchLabels || matchExpressions.some(({ key }) => key === namespaceKey);
  if (!hasNamespace && pod.namespace !== namespace) return false;
  return matchesSelector(selector, { ...pod.labels, [namespaceKey]: pod.namespace });
}

/** Describes the difference between found and expected items; empty if there is none. */
export function describeDifference(
  what: string,
  found: readonly string[],
  expected: readonly string[],
): string {
  const missing = expected.filter((each) => !found.includes(each)).map((each) => `lacks ${each}`);
  const excess = found.filter((each) => !expected.includes(each)).map((each) => `has ${each}`);
  return missing.length + excess.length === 0 ? "" : `${what} ${[...missing, ...excess].join(", ")}`;
}

/** Asserts that found and expected items are the same. */
export function assertSame(what: string, found: readonly string[], expected: readonly string[]): void {
  const difference = describeDifference(what, found, expected);
  assert.ok(difference === "", difference);
}

/** Whether labels match a selector. */
export const matchesSelector = (
  { matchLabels = {}, matchExpressions = [] }: EndpointSelector,
  labels: Readonly<Record<string, string | undefined>>,
): boolean =>
  Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
  matchExpressions.every((expression) => {
    const value = labels[expression.key];
    if (expression.operator === "Exists") return value !== undefined;
    const isAmong = value !== undefined && expression.values.includes(value);
    return expression.operator === "In" ? isAmong : !isAmong;
  });
