import { z } from "zod";

import type { Inventory } from "./clouds/client";
import { findIds, type Deployment } from "./engine/deployment";
import { groupPath, listKinds, type KubeApi } from "./cluster/kube-api";

/** Objects in a cluster that neither it nor its controllers created. */
export interface ClusterOrphans {
  /** Names of CustomResourceDefinitions: they are kept, since deleting one deletes all objects of the kind. */
  readonly crds: readonly string[];
  /** `<kind> [<namespace>/]<name>`. */
  readonly objects: readonly string[];
  /** Whether the deletion of one of them has begun. */
  readonly isDeleting: boolean;
}

/** Resources in the clouds that belong to no stack. */
export interface CloudOrphans {
  /** Descriptions of resources that a destroy should have deleted. */
  readonly left: readonly string[];
  /** How many settings of zones keep the value that a stack gave them: they cannot be deleted. */
  readonly settings: number;
}

/** @param others the states of the other stacks. */
export function findCloudOrphans(
  { hetzner, cloudflare }: Inventory,
  others: readonly (Deployment | undefined)[],
): CloudOrphans {
  const isKept = (type: string, id: string) => others.some((state) => findIds(state, type).includes(id));
  /** Settings of several zones have the same ids. */
  const isSettingKept = (zone: string, id: string) =>
    others.some((state) =>
      (state?.resources ?? []).some(
        (one) => one.type === cloudflareType("ZoneSetting") && one.id === id && one.inputs?.zoneId === zone,
      ),
    );
  const { certificates, settings: pulls } = cloudflare.origin_pulls;
  const settings = [
    ...cloudflare.settings.filter(({ id, zone }) => !isSettingKept(zone, id)),
    ...pulls.filter(({ zone }) => !isKept(cloudflareType("AuthenticatedOriginPullsSettings"), zone)),
  ];
  /** The resource type of what may be left, and each by its id and description. */
  const groups: readonly (readonly [type: string, all: readonly (readonly [id: string, text: string])[]])[] =
    [
      [
        "hcloud:index/loadBalancer:LoadBalancer",
        hetzner.load_balancers.map(({ id, name }) => [String(id), `load balancer ${name}`]),
      ],
      [
        cloudflareType("DnsRecord"),
        cloudflare.dns_records.map(({ id, name, type }) => [id, `DNS record ${name} ${type}`]),
      ],
      [
        cloudflareType("Ruleset"),
        cloudflare.rulesets.map(({ id, phase, zone }) => [id, `ruleset ${phase} of the zone ${zone}`]),
      ],
      [
        cloudflareType("AuthenticatedOriginPullsCertificate"),
        certificates.map(({ id, zone }) => [id, `origin pull certificate ${id} of the zone ${zone}`]),
      ],
      [
        cloudflareType("ZoneDnssec"),
        cloudflare.dnssec
          .filter(({ status }) => status !== "disabled")
          .map(({ zone }) => [zone, `DNSSEC of the zone ${zone}`]),
      ],
      [cloudflareType("ApiToken"), cloudflare.tokens.map(({ id, name }) => [id, `API token ${name}`])],
    ];
  const left = groups.flatMap(([type, all]) =>
    all.filter(([id]) => !isKept(type, id)).map(([, text]) => text),
  );
  return { left, settings: settings.length };
}

const cloudflareType = (name: string): string =>
  `cloudflare:index/${name.charAt(0).toLowerCase()}${name.slice(1)}:${name}`;

const groups = z.looseObject({
  groups: z.array(z.looseObject({ preferredVersion: z.looseObject({ groupVersion: z.string() }) })),
});

const list = z.looseObject({
  items: z
    .array(
      z.looseObject({
        metadata: z.looseObject({
          name: z.string(),
          namespace: z.string().optional(),
          ownerReferences: z.array(z.unknown()).optional(),
          deletionTimestamp: z.string().optional(),
          managedFields: z
            .array(z.looseObject({ manager: z.string().optional(), subresource: z.string().optional() }))
            .optional(),
        }),
      }),
    )
    .nullable(),
});

/** The field managers of the cluster's own components. */
const clusterWriters =
  /^(kube-(apiserver|controller-manager|scheduler)|kubelet|sandbox|api-priority-and-fairness.*)$/;

/** Searches every kind of the API server for objects that other clients wrote. */
export async function findClusterOrphans(api: KubeApi): Promise<ClusterOrphans> {
  const versions = groups
    .parse(await api.get("/apis"))
    .groups.map((group) => group.preferredVersion.groupVersion);
  const found = await Promise.all(
    ["v1", ...versions].map(async (version) => {
      const kinds = (await listKinds(api, version)).filter(({ verbs }) => verbs.includes("list"));
      const objects = await Promise.all(
        kinds.map(async ({ name, kind }) => {
          const { items } = list.parse((await api.get(`${groupPath(version)}/${name}`)) ?? { items: [] });
          return (items ?? []).flatMap(({ metadata }) =>
            isOrphan(kind, metadata) ? [{ kind, ...metadata }] : [],
          );
        }),
      );
      return objects.flat();
    }),
  );
  const all = found.flat();
  const crds = all.filter(({ kind }) => kind === "CustomResourceDefinition").map(({ name }) => name);
  const left = all
    // The API server creates an APIService for a CustomResourceDefinition.
    .filter(({ kind }) => kind !== "CustomResourceDefinition" && kind !== "APIService");
  const objects = left.map(({ kind, namespace, name, deletionTimestamp }) => {
    const deleting = deletionTimestamp === undefined ? "" : " (being deleted)";
    return `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}${deleting}`;
  });
  const isDeleting = left.some(({ deletionTimestamp }) => deletionTimestamp !== undefined);
  return { crds: crds.sort(), objects: [...new Set(objects)].sort(), isDeleting };
}

interface Metadata {
  readonly ownerReferences?: readonly unknown[] | undefined;
  readonly managedFields?:
    | readonly { readonly manager?: string | undefined; readonly subresource?: string | undefined }[]
    | undefined;
}

function isOrphan(kind: string, { ownerReferences, managedFields = [] }: Metadata): boolean {
  // Events and objects with an owner are deleted by the cluster.
  if (kind === "Event" || (ownerReferences ?? []).length > 0) return false;
  // An object without writers is a view, such as a ComponentStatus.
  const writers = managedFields.filter(({ subresource }) => subresource === undefined);
  return writers.length > 0 && !writers.some(({ manager }) => clusterWriters.test(manager ?? ""));
}

/** The orphans as text; `clean` when there are none. */
export function formatOrphans(
  stack: string,
  inClouds: CloudOrphans,
  inCluster: ClusterOrphans | undefined,
): { readonly text: string; readonly clean: boolean } {
  const left = [...inClouds.left, ...(inCluster?.objects ?? [])];
  const where = inCluster === undefined ? "the clouds hold" : "the clouds and the cluster hold";
  const lines = [
    ...(left.length === 0
      ? [`Of the stack ${stack} ${where} nothing any more.`]
      : [`Of the stack ${stack} this is left:`, ...left.map((one) => `  ${one}`)]),
    ...(inCluster === undefined ? ["Your own cluster was not searched."] : []),
    ...(inCluster !== undefined && inCluster.crds.length > 0
      ? [
          `Kept on purpose: ${inCluster.crds.length} CustomResourceDefinitions ` +
            `(${[...new Set(inCluster.crds.map((name) => name.split(".").slice(1).join(".")))].join(", ")}).`,
        ]
      : []),
    ...(inClouds.settings > 0
      ? [
          "Kept at Cloudflare, where a setting of a zone cannot be deleted: " +
            `${inClouds.settings} zone setting${inClouds.settings === 1 ? "" : "s"}.`,
        ]
      : []),
    `The files of the stack are kept: "npm start -- up --stack ${stack}" creates it again.`,
  ];
  return { text: lines.join("\n"), clean: left.length === 0 };
}
