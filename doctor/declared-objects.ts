import { gunzipSync } from "node:zlib";

import { parseAllDocuments } from "yaml";
import { z } from "zod";

import type { ReadApi } from "../components/conflicts/cluster-api";
import { parseType } from "../components/conflicts/planned-objects";
import { platformNamespaces } from "../components/namespaces";
import type { ObjectReference } from "../components/waits/cluster-state";
import { findApp, type DeployedStack } from "../stack/read-stack";
import type { StepName } from "./finding";

/** A Kubernetes object that the stack or one of its Helm releases declares. */
export interface DeclaredObject extends ObjectReference {
  readonly step: StepName;
  /** The app that it belongs to. Undefined for one of the platform. */
  readonly app?: string | undefined;
  /** The Helm release that contains it, if Pulumi does not manage it directly. */
  readonly release?: Release | undefined;
  readonly manifest: Readonly<Record<string, unknown>>;
}

export interface Release {
  readonly name: string;
  readonly namespace: string;
  /** Whether objects of its manifest have no namespace of their own. Default: false. */
  readonly needsNamespace?: boolean;
}

const manifestShape = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
});

const releaseType = "kubernetes:helm.sh/v3:Release";
const releaseInputs = z.object({ name: z.string(), namespace: z.string() });

/** The Kubernetes objects in the state. */
export const findStackObjects = ({ resources }: DeployedStack): DeclaredObject[] =>
  resources
    .filter(({ type }) => type.startsWith("kubernetes:") && type !== releaseType)
    .flatMap((resource) => {
      const { apiVersion, kind } = parseType(resource.type);
      const parsed = manifestShape.safeParse({ apiVersion, kind, ...resource.inputs });
      return parsed.success ? [declare(parsed.data, { app: findApp(resource) })] : [];
    });

/** The Helm releases in the state. */
export const findReleases = ({ resources }: DeployedStack): Release[] =>
  resources.filter(({ type }) => type === releaseType).map(({ inputs }) => releaseInputs.parse(inputs));

/** The objects of a deployed Helm release, without those of its hooks. Undefined if the release does not exist. */
export async function readReleaseObjects(
  read: ReadApi,
  release: Release,
): Promise<readonly DeclaredObject[] | undefined> {
  const labels = encodeURIComponent(`owner=helm,name=${release.name},status=deployed`);
  const { items } = await read(
    `/api/v1/namespaces/${release.namespace}/secrets?labelSelector=${labels}`,
    z.object({ items: z.array(z.object({ data: z.object({ release: z.string() }) })) }),
  );
  const [stored] = items;
  if (stored === undefined) return undefined;
  const zipped = Buffer.from(Buffer.from(stored.data.release, "base64").toString(), "base64");
  const { manifest } = z.object({ manifest: z.string() }).parse(JSON.parse(gunzipSync(zipped).toString()));
  // As Helm parses it: 0400 is octal.
  const manifests = parseAllDocuments(manifest, { version: "1.1" })
    .map((document) => manifestShape.safeParse(document.toJS()))
    .flatMap(({ data }) => (data === undefined ? [] : [data]));
  const needsNamespace = manifests.some(
    ({ kind, metadata }) => !clusterScoped.test(kind) && metadata.namespace === undefined,
  );
  return manifests.map((each) => declare(each, { release: { ...release, needsNamespace } }));
}

function declare(
  manifest: z.output<typeof manifestShape>,
  owner: Pick<DeclaredObject, "app" | "release">,
): DeclaredObject {
  const { apiVersion, kind, metadata } = manifest;
  const isScoped = clusterScoped.test(kind);
  const namespace = isScoped ? undefined : (metadata.namespace ?? owner.release?.namespace);
  const step = findStep(kind, owner.release?.namespace ?? namespace, owner.app !== undefined);
  return { ...owner, step, apiVersion, kind, name: metadata.name, namespace, manifest };
}

/** Kinds of cluster-scoped objects in our charts and components, whose manifests have no namespace. */
const clusterScoped =
  /^(Cluster.*|.*Class|.*WebhookConfiguration|.*AdmissionPolicy(Binding)?|CustomResourceDefinition|APIService|Namespace|PersistentVolume|Bundle)$/;

/** The step of the objects in each namespace of the platform. */
const platformSteps: Readonly<Record<keyof typeof platformNamespaces, StepName>> = {
  certManager: "tls",
  externalDns: "external-dns",
  kubeSystem: "cluster",
  linkerd: "mesh",
  linkerdCni: "mesh",
  linkerdViz: "mesh",
};

/** As {@link platformSteps}, by the namespace's name. Those of an ingress controller are in the step of the ingress. */
const stepsByNamespace: Readonly<Record<string, StepName>> = Object.fromEntries(
  Object.entries(platformNamespaces).map(([key, name]) => [
    name,
    platformSteps[key as keyof typeof platformNamespaces],
  ]),
);

const stepsByKind: Readonly<Record<string, StepName>> = {
  Namespace: "cluster",
  CustomResourceDefinition: "cluster",
  Service: "endpoints",
  CiliumNetworkPolicy: "policy",
  CiliumClusterwideNetworkPolicy: "policy",
  Server: "mesh",
  AuthorizationPolicy: "mesh",
  MeshTLSAuthentication: "mesh",
  NetworkAuthentication: "mesh",
  Certificate: "tls",
  Issuer: "tls",
  ClusterIssuer: "tls",
  TLSOption: "tls",
  TLSStore: "tls",
  Bundle: "mesh",
};

/** Kinds of an app that make up its pods; the others route to it. */
const podKinds =
  /^(Deployment|ServiceAccount|PodDisruptionBudget|HorizontalPodAutoscaler|ConfigMap|Job|PersistentVolumeClaim)$/;

function findStep(kind: string, namespace: string | undefined, isApp: boolean): StepName {
  if (isApp) return podKinds.test(kind) ? "pod" : (stepsByKind[kind] ?? "ingress");
  const byKind = stepsByKind[kind];
  if (byKind === "policy" || byKind === "cluster") return byKind;
  return stepsByNamespace[namespace ?? ""] ?? (byKind === "tls" ? byKind : "ingress");
}

/** The step of a Helm release. */
export const findReleaseStep = ({ namespace }: Release): StepName => stepsByNamespace[namespace] ?? "ingress";

/** The type that kubectl takes, such as `Deployment.apps`. */
const kubectlType = ({ apiVersion, kind }: Pick<ObjectReference, "apiVersion" | "kind">): string => {
  const [group] = apiVersion.includes("/") ? apiVersion.split("/") : [];
  return group === undefined ? kind : `${kind}.${group}`;
};

/** The arguments with which kubectl names an object, such as `-n apps Deployment.apps web`. */
export const kubectlArgs = (reference: ObjectReference): string =>
  [
    ...(reference.namespace === undefined ? [] : ["-n", reference.namespace]),
    kubectlType(reference),
    reference.name,
  ].join(" ");
