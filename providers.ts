import * as cloudflare from "@pulumi/cloudflare";
import * as hcloud from "@pulumi/hcloud";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import * as tls from "@pulumi/tls";

import { checkChartValues } from "./components/chart-values-check";
import { Imports } from "./components/pulumi/import-existing";
import { ConflictCheck } from "./components/conflicts/conflict-check";
import { findReferencedObjects, findPlannedNodePorts } from "./components/conflicts/conflict-settings";
import { checkMoveToCcm } from "./components/load-balancer/load-balancer-move";
import { warnOfMissingFirewalls } from "./components/load-balancer/server-firewalls";
import { explainMissingPermissions } from "./components/cloudflare/token-permissions";
import { skipAwait } from "./components/pulumi/skip-await";
import { WaitWatcher } from "./components/waits/wait-watcher";
import type { Settings } from "./settings";

/** The options with the stack's providers. */
export interface Providers {
  /** The options of every component: all providers, and all transformations of their resources. */
  readonly opts: pulumi.ComponentResourceOptions;
  /** The options of CRDs, which are kept when the component is deleted and may exist before it. */
  readonly crdOpts: pulumi.ComponentResourceOptions;
  /** The options of Cloudflare's functions. */
  readonly invokeOpts: pulumi.InvokeOptions;
  readonly imports: Imports;
}

/** Creates the explicit providers of a stack; nothing is created with any other. */
export function createProviders(settings: Settings): Providers {
  const imports = new Imports(settings.import);
  const { loadBalancer } = settings;
  // With the cloud controller manager, the check at Hetzner runs first: if it fails, nothing changes in the cluster or at
  // the edge.
  const readsHetzner = loadBalancer.managedBy === "ccm" && new hcloud.Provider("hcloud", settings.hcloud);
  const moved = readsHetzner ? checkMoveToCcm(loadBalancer, { provider: readsHetzner }) : Promise.resolve();
  const toCluster = {
    kubeconfig: pulumi.all([settings.kubernetes.kubeconfig, moved]).apply(([text]) => text),
    // Without it a new address of the API server would replace everything in the cluster.
    clusterIdentifier: settings.cluster.identifier,
    // Otherwise a changed Secret is deleted and created again: meanwhile the ingress would trust no CA of the edge.
    enableSecretMutable: true,
  };
  const conflicts = new ConflictCheck({
    kubeconfig: toCluster.kubeconfig,
    referenced: findReferencedObjects(settings),
    nodePorts: findPlannedNodePorts(settings),
  });
  const k3s = new kubernetes.Provider("kubernetes", toCluster, { hooks: { beforeCreate: [conflicts.hook] } });
  // A conflict in the cluster stops the program before it creates anything.
  const after = { dependsOn: k3s };
  const hetzner = readsHetzner || new hcloud.Provider("hcloud", settings.hcloud, after);
  if (pulumi.runtime.isDryRun()) {
    void warnOfMissingFirewalls(settings.cluster.nodeCidr, { provider: hetzner });
    void checkChartValues(settings.charts, { provider: k3s });
  }
  const edge = new cloudflare.Provider("cloudflare", settings.cloudflare, after);
  const generator = new random.Provider("random", {}, after);
  const certificates = settings.originLock ? [new tls.Provider("tls", {}, after)] : [];
  const crds = settings.gatewayApi
    ? [new kubernetes.Provider("definitions", { ...toCluster, upsertExistingObjects: true }, after)]
    : [];

  const waits = settings.awaitReady ? new WaitWatcher(toCluster).transformation : skipAwait;
  return {
    opts: {
      providers: [k3s, hetzner, edge, generator, ...certificates],
      transformations: [imports.transformation, explainMissingPermissions(), conflicts.transformation, waits],
    },
    crdOpts: { providers: crds, transformations: [waits] },
    invokeOpts: { provider: edge },
    imports,
  };
}
