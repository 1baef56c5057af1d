import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { releaseArgs, type Chart, type Charts } from "../charts";
import { createIdentity } from "./identity";
import {
  buildControlPlaneValues,
  buildTrustManagerValues,
  buildVizValues,
  cniValues,
  type MeshValuesArgs,
} from "./linkerd-values";
import { platformNamespaces, podSecurityLabel } from "../namespaces";
import { createWebhookCertificates } from "./webhook-certificates";

type Metadata = kubernetes.types.input.meta.v1.ObjectMeta;

export interface MeshArgs extends Omit<MeshValuesArgs, "ha"> {
  readonly charts: Pick<
    Charts,
    "trust-manager" | "linkerd-crds" | "linkerd2-cni" | "linkerd-control-plane" | "linkerd-viz"
  >;
  /** cert-manager's namespace, where trust-manager and ClusterIssuers read Secrets. */
  readonly certManagerNamespace: pulumi.Input<string>;
  /** The number of nodes of the cluster. */
  readonly nodes: number;
  /**
   * High availability: three replicas of the control plane on different nodes, without whose proxy injector no pod
   * starts. Default: from three nodes on.
   */
  readonly ha?: boolean | undefined;
  /**
   * Whether the anchor in the Secret `linkerd-previous-anchor` is trusted beside the present one, while one takes over from
   * the other: docs/mesh.md has the order. Default false.
   */
  readonly trustPreviousAnchor?: boolean | undefined;
  /** Whether linkerd-viz is installed: metrics, tap and the dashboard. Default: true. */
  readonly viz?: boolean | undefined;
}

/**
 * Linkerd: mutual TLS between meshed pods. cert-manager and trust-manager provide the identity issuer and the trust
 * roots; the control plane signs each pod's certificate. linkerd-viz shows the metrics of the proxies.
 *
 * @throws {pulumi.RunError} `ha` on fewer than three nodes; nothing is registered then.
 * @see https://linkerd.io/2/tasks/install-helm/
 */
export class Mesh extends pulumi.ComponentResource {
  /** The control plane's namespace; known when the proxy injector is ready. */
  readonly namespace: pulumi.Output<string>;
  /** The suffix of every workload's identity. */
  readonly trustDomain: string;

  constructor(name: string, args: MeshArgs, opts?: pulumi.ComponentResourceOptions) {
    const {
      charts,
      certManagerNamespace,
      nodes,
      trustDomain,
      trustPreviousAnchor = false,
      viz = true,
      cni = false,
    } = args;
    const { ha = nodes >= 3 } = args;
    if (ha && nodes < 3)
      throw new pulumi.RunError(`Mesh "${name}": ha is true on ${nodes} nodes, want three nodes or false`);
    super("platform:networking:Mesh", name, {}, opts);

    const trustManager = new kubernetes.helm.v3.Release(
      `${name}-trust-manager`,
      releaseArgs(charts["trust-manager"], {
        name: "trust-manager",
        namespace: certManagerNamespace,
        values: buildTrustManagerValues({ ha }),
      }),
      { parent: this },
    );
    const namespace = new kubernetes.core.v1.Namespace(
      name,
      { metadata: controlPlaneNamespace },
      { parent: this },
    );
    const credentials = createIdentity(
      name,
      { certManagerNamespace, namespace, trustManager, trustDomain, trustPreviousAnchor },
      this,
    );
    const certificates = createWebhookCertificates(
      name,
      {
        namespace: namespace.metadata.name,
        services: {
          "proxy-injector": "linkerd-proxy-injector",
          "sp-validator": "linkerd-sp-validator",
          "policy-validator": "linkerd-policy-validator",
        },
      },
      this,
    );

    const crds = new kubernetes.helm.v3.Release(
      `${name}-crds`,
      releaseArgs(charts["linkerd-crds"], { name: "linkerd-crds", namespace: namespace.metadata.name }),
      { parent: this },
    );
    // With the new values, no pod is set up without the plugin.
    const plugin = cni ? [createCni(name, charts["linkerd2-cni"], this)] : [];
    const controlPlane = new kubernetes.helm.v3.Release(
      `${name}-control-plane`,
      releaseArgs(charts["linkerd-control-plane"], {
        name: "linkerd-control-plane",
        namespace: namespace.metadata.name,
        values: buildControlPlaneValues({ ...args, ha }),
      }),
      { parent: this, dependsOn: [crds, ...plugin, ...credentials, ...certificates] },
    );

    if (viz) {
      const vizNamespace = new kubernetes.core.v1.Namespace(
        `${name}-viz`,
        { metadata: buildVizNamespace(args) },
        { parent: this },
      );
      const vizCertificates = createWebhookCertificates(
        `${name}-viz`,
        {
          namespace: vizNamespace.metadata.name,
          services: { tap: "tap", "tap-injector": "tap-injector" },
        },
        this,
      );
      new kubernetes.helm.v3.Release(
        `${name}-viz-chart`,
        releaseArgs(charts["linkerd-viz"], {
          name: "linkerd-viz",
          namespace: vizNamespace.metadata.name,
          values: buildVizValues({ ...args, ha }),
        }),
        { parent: this, dependsOn: [controlPlane, ...vizCertificates] },
      );
    }

    this.namespace = controlPlane.status.namespace;
    this.trustDomain = trustDomain;
    this.registerOutputs({ namespace: this.namespace, trustDomain: this.trustDomain });
  }
}

/** Installs Linkerd's CNI plugin on every node. @see https://linkerd.io/2/features/cni/ */
function createCni(name: string, chart: Chart, parent: pulumi.Resource): pulumi.Resource {
  const namespace = new kubernetes.core.v1.Namespace(
    `${name}-cni`,
    {
      metadata: {
        name: platformNamespaces.linkerdCni,
        labels: {
          "linkerd.io/cni-resource": "true",
          "config.linkerd.io/admission-webhooks": "disabled",
          ...privileged,
        },
      },
    },
    { parent },
  );
  return new kubernetes.helm.v3.Release(
    `${name}-cni-chart`,
    releaseArgs(chart, { name: "linkerd-cni", namespace: namespace.metadata.name, values: cniValues }),
    { parent },
  );
}

/** Linkerd's init container sets iptables rules, which the stricter Pod Security levels reject. */
const privileged = { [podSecurityLabel("enforce")]: "privileged" };

/** The charts do not label Linkerd's namespaces; without these labels the injector would inject the control plane. */
const controlPlaneNamespace: Metadata = {
  name: platformNamespaces.linkerd,
  labels: {
    "linkerd.io/is-control-plane": "true",
    "linkerd.io/control-plane-ns": platformNamespaces.linkerd,
    "config.linkerd.io/admission-webhooks": "disabled",
    ...privileged,
  },
  annotations: { "linkerd.io/inject": "disabled" },
};

function buildVizNamespace({ defaultInboundPolicy, prometheus }: MeshArgs): Metadata {
  const annotations = {
    // The chart has no Server for the dashboard's port, so `deny` would block the ingress controller.
    ...(defaultInboundPolicy === "deny" && {
      "config.linkerd.io/default-inbound-policy": "cluster-authenticated",
    }),
    // The linkerd CLI reads the address of Prometheus here.
    ...(prometheus !== undefined && { "viz.linkerd.io/external-prometheus": prometheus }),
  };
  return {
    name: platformNamespaces.linkerdViz,
    labels: { "linkerd.io/extension": "viz", ...privileged },
    ...(Object.keys(annotations).length > 0 && { annotations }),
  };
}
