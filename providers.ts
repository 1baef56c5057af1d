import * as cloudflare from "@pulumi/cloudflare";
import * as hcloud from "@pulumi/hcloud";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import * as tls from "@pulumi/tls";

import type { Imports } from "./components/pulumi/import-existing";
import { Conflicts } from "./components/conflicts/conflicts";
import { findReferencedObjects, findPlannedNodePorts } from "./components/conflicts/conflict-settings";
import { checkMoveToCcm } from "./components/load-balancer/load-balancer-move";
import { explainMissingPermissions } from "./components/cloudflare/token-permissions";
import { skipAwait } from "./components/pulumi/skip-await";
import type { Settings } from "./settings";

/** Whom a component makes its things with, and what is done to each of them on the way. */
export interface Providers {
  /** For functions of Cloudflare's, which no component calls. */
  readonly cloudflare: cloudflare.Provider;
  readonly atHetzner: pulumi.ComponentResourceOptions;
  readonly atEdge: pulumi.ComponentResourceOptions;
  readonly inCluster: pulumi.ComponentResourceOptions;
  /** What stands in the cluster, and is known at Hetzner. */
  readonly inClusterAndAtHetzner: pulumi.ComponentResourceOptions;
  /** What stands in the cluster and at the edge. */
  readonly inClusterAndAtEdge: pulumi.ComponentResourceOptions;
  /** Definitions that stay when what made them goes, so that they may be there when it comes. */
  readonly definitions: pulumi.ComponentResourceOptions;
}

/** The explicit providers of a stack: with them alone anything is made. */
export function providersOf(settings: Settings, { transformation }: Imports): Providers {
  const { loadBalancer } = settings;
  // With the cloud controller manager, Hetzner is asked first: where it refuses, nothing changes in the cluster or at the edge.
  const readsHetzner = loadBalancer.managedBy === "ccm" && new hcloud.Provider("hcloud", settings.hcloud);
  const moved = readsHetzner ? checkMoveToCcm(loadBalancer, { provider: readsHetzner }) : Promise.resolve();
  const toCluster = {
    kubeconfig: pulumi.all([settings.kubernetes.kubeconfig, moved]).apply(([text]) => text),
    // Without it a new address of the API server would replace everything in the cluster.
    clusterIdentifier: settings.cluster.identifier,
    // Otherwise a Secret is deleted before it is made anew: for that moment the ingress would trust no CA of the edge.
    enableSecretMutable: true,
  };
  const conflicts = new Conflicts({
    kubeconfig: toCluster.kubeconfig,
    referenced: findReferencedObjects(settings),
    nodePorts: findPlannedNodePorts(settings),
  });
  const k3s = new kubernetes.Provider("kubernetes", toCluster, { hooks: { beforeCreate: [conflicts.hook] } });
  // Nothing is made anywhere when something is in the way in the cluster.
  const after = { dependsOn: k3s };
  const atHetzner = readsHetzner || new hcloud.Provider("hcloud", settings.hcloud, after);
  const atEdge = new cloudflare.Provider("cloudflare", settings.cloudflare, after);
  const generating = new random.Provider("random", {}, after);
  const signing = settings.originLock ? [new tls.Provider("tls", {}, after)] : [];
  const merging = settings.gatewayApi
    ? [new kubernetes.Provider("definitions", { ...toCluster, upsertExistingObjects: true }, after)]
    : [];

  const explaining = explainMissingPermissions();
  const edgeRules = [transformation, explaining];
  const waiting = settings.awaitReady ? [] : [skipAwait];
  const clusterRules = [transformation, conflicts.transformation, ...waiting];
  return {
    cloudflare: atEdge,
    atHetzner: { provider: atHetzner, transformations: [transformation] },
    atEdge: { provider: atEdge, transformations: edgeRules },
    inCluster: { providers: [k3s, generating], transformations: clusterRules },
    inClusterAndAtHetzner: { providers: [k3s, atHetzner], transformations: clusterRules },
    inClusterAndAtEdge: {
      providers: [k3s, atEdge, ...signing],
      transformations: [explaining, ...clusterRules],
    },
    definitions: { providers: merging, transformations: waiting },
  };
}
