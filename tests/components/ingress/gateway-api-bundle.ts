import { stringify } from "yaml";

import { gatewayApiVersion } from "../../../components/charts";

/** The kinds of the standard channel. */
export const plurals = [
  "backendtlspolicies",
  "gatewayclasses",
  "gateways",
  "grpcroutes",
  "httproutes",
  "listenersets",
  "referencegrants",
  "tcproutes",
  "tlsroutes",
  "udproutes",
];
const policies = ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"];
const safeUpgrades = "safe-upgrades.gateway.networking.k8s.io";

/** The annotations of upstream's bundle, at the supported version. */
export const annotated = { version: gatewayApiVersion, channel: "standard" };

/** A bundle like upstream's, with shorter specs. */
export const bundle = ({ version, channel } = annotated) =>
  [
    ...plurals.map((plural) => ({
      kind: "CustomResourceDefinition",
      name: `${plural}.gateway.networking.k8s.io`,
      labels: plural === "backendtlspolicies" ? { policy: "Direct" } : undefined,
    })),
    ...policies.map((kind) => ({ kind, name: safeUpgrades, labels: undefined })),
  ].map(({ kind, name, labels }) => ({
    apiVersion: kind.startsWith("Custom") ? "apiextensions.k8s.io/v1" : "admissionregistration.k8s.io/v1",
    kind,
    metadata: {
      name,
      annotations: {
        "gateway.networking.k8s.io/bundle-version": version,
        "gateway.networking.k8s.io/channel": channel,
      },
      ...(labels && { labels }),
    },
    spec: { of: `${kind} ${name}`, "x-kubernetes-kept": true },
  }));

/** Objects as one file. */
export const yamlOf = (objects: readonly unknown[]): string =>
  objects.map((each) => `---\n${stringify(each)}`).join("");
