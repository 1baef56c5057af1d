import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { release, type Charts } from "./charts";
import { bundle, certificate, clusterIssuer, issuer } from "./custom-resources/cert-manager";

export interface MeshArgs {
  readonly charts: Pick<Charts, "trust-manager" | "linkerd-crds" | "linkerd-control-plane" | "linkerd-viz">;
  /** cert-manager's own namespace: trust-manager reads from it, and ClusterIssuers keep their Secrets in it. */
  readonly certManagerNamespace: pulumi.Input<string>;
  /** How many nodes the cluster has: with three or more, the control plane runs in three copies. */
  readonly nodes: number;
  /** The suffix of every workload's identity. A change needs a restart of all meshed pods. */
  readonly trustDomain: string;
}

const privateKey = { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" } as const;

/** The name under which Linkerd looks for its trust roots, and so the name of the Bundle that makes them. */
const trustRoots = "linkerd-identity-trust-roots";

/** An `up` goes on when the object's condition is met: what mounts the certificate would hang without it. */
const untilReady = { "pulumi.com/waitFor": "condition=Ready" };

/**
 * Linkerd: mutual TLS between meshed pods. Trust flows down: cert-manager signs a trust anchor (10 years), the anchor
 * signs the identity issuer (48 hours, renewed 25 hours before it ends), trust-manager hands the anchor's public half to the
 * control plane, and the control plane signs each pod's own certificate.
 *
 * @see https://linkerd.io/2/tasks/automatically-rotating-control-plane-tls-credentials/
 */
export class Mesh extends pulumi.ComponentResource {
  /** The control plane's namespace; known when the proxy injector is ready to mesh new pods. */
  readonly namespace: pulumi.Output<string>;
  /** The suffix of every workload's identity. */
  readonly trustDomain: string;

  constructor(name: string, args: MeshArgs, opts?: pulumi.ComponentResourceOptions) {
    const { charts, certManagerNamespace, nodes, trustDomain } = args;
    super("platform:networking:Mesh", name, {}, opts);

    const trustManager = new kubernetes.helm.v3.Release(
      `${name}-trust-manager`,
      release(charts["trust-manager"], { name: "trust-manager", namespace: certManagerNamespace }),
      { parent: this },
    );
    const namespace = new kubernetes.core.v1.Namespace(name, namespaceOf("linkerd", { controlPlane: true }), {
      parent: this,
    });

    const root = issuer(
      `${name}-trust-root-issuer`,
      { name: "linkerd-trust-root-issuer", namespace: certManagerNamespace },
      { selfSigned: {} },
      { parent: this },
    );
    const anchor = certificate(
      `${name}-trust-anchor`,
      { name: "linkerd-trust-anchor", namespace: certManagerNamespace, annotations: untilReady },
      {
        secretName: "linkerd-trust-anchor",
        issuerRef: { kind: "Issuer", name: root.metadata.name },
        isCA: true,
        commonName: `root.linkerd.${trustDomain}`,
        duration: "87600h",
        renewBefore: "2160h",
        privateKey,
      },
      { parent: this },
    );
    const identityIssuer = clusterIssuer(
      `${name}-identity-issuer`,
      { name: "linkerd-identity-issuer" },
      { ca: { secretName: "linkerd-trust-anchor" } },
      { parent: this, dependsOn: [anchor] },
    );
    const identity = certificate(
      `${name}-identity`,
      { name: "linkerd-identity-issuer", namespace: namespace.metadata.name, annotations: untilReady },
      {
        secretName: "linkerd-identity-issuer",
        issuerRef: { kind: "ClusterIssuer", name: identityIssuer.metadata.name },
        isCA: true,
        commonName: `identity.linkerd.${trustDomain}`,
        duration: "48h",
        renewBefore: "25h",
        privateKey,
      },
      { parent: this },
    );
    const roots = bundle(
      `${name}-trust-roots`,
      { name: trustRoots },
      {
        sources: [{ secret: { name: "linkerd-trust-anchor", key: "tls.crt" } }],
        target: {
          configMap: { key: "ca-bundle.crt" },
          namespaceSelector: { matchLabels: { "linkerd.io/is-control-plane": "true" } },
        },
      },
      { parent: this, dependsOn: [trustManager, anchor] },
    );

    const crds = new kubernetes.helm.v3.Release(
      `${name}-crds`,
      release(charts["linkerd-crds"], { name: "linkerd-crds", namespace: namespace.metadata.name }),
      { parent: this },
    );
    const controlPlane = new kubernetes.helm.v3.Release(
      `${name}-control-plane`,
      release(charts["linkerd-control-plane"], {
        name: "linkerd-control-plane",
        namespace: namespace.metadata.name,
        values: controlPlaneValues({ nodes, trustDomain }),
      }),
      { parent: this, dependsOn: [crds, identity, roots] },
    );

    const vizNamespace = new kubernetes.core.v1.Namespace(
      `${name}-viz`,
      namespaceOf("linkerd-viz", { controlPlane: false }),
      { parent: this },
    );
    new kubernetes.helm.v3.Release(
      `${name}-viz-chart`,
      release(charts["linkerd-viz"], {
        name: "linkerd-viz",
        namespace: vizNamespace.metadata.name,
        values: { identityTrustDomain: trustDomain },
      }),
      { parent: this, dependsOn: [controlPlane] },
    );

    this.namespace = controlPlane.status.namespace;
    this.trustDomain = trustDomain;
    this.registerOutputs({ namespace: this.namespace, trustDomain: this.trustDomain });
  }
}

/** Helm does not label Linkerd's namespaces; without these labels the control plane would try to inject itself. */
function namespaceOf(
  name: string,
  { controlPlane }: { controlPlane: boolean },
): kubernetes.core.v1.NamespaceArgs {
  const own: Record<string, string> = controlPlane
    ? {
        "linkerd.io/is-control-plane": "true",
        "linkerd.io/control-plane-ns": "linkerd",
        "config.linkerd.io/admission-webhooks": "disabled",
      }
    : { "linkerd.io/extension": "viz" };
  // Linkerd's init container sets the pod's packet rules, which the stricter levels of Pod Security refuse.
  const labels = { ...own, "pod-security.kubernetes.io/enforce": "privileged" };
  return {
    metadata: { name, labels, ...(controlPlane && { annotations: { "linkerd.io/inject": "disabled" } }) },
  };
}

/** Values of the chart linkerd-control-plane 2026.8.3, with its values-ha.yaml where there are three nodes. */
export function controlPlaneValues({ nodes, trustDomain }: Pick<MeshArgs, "nodes" | "trustDomain">): object {
  const several = nodes >= 3;
  const resources = { cpu: { request: "100m" }, memory: { request: "50Mi", limit: "250Mi" } };
  return {
    identityTrustDomain: trustDomain,
    // The issuer and the roots come from cert-manager and trust-manager: the chart makes neither.
    identity: { externalCA: true, issuer: { scheme: "kubernetes.io/tls" } },
    disableHeartBeat: true,
    controllerReplicas: several ? 3 : 1,
    // With one copy, `Fail` would let no pod start anywhere while that copy is away.
    webhookFailurePolicy: several ? "Fail" : "Ignore",
    ...(several && {
      enablePodAntiAffinity: true,
      enablePodDisruptionBudget: true,
      controllerResources: resources,
      destinationResources: resources,
      proxyInjectorResources: resources,
      spValidatorResources: resources,
      identityResources: { cpu: { request: "100m" }, memory: { request: "10Mi", limit: "250Mi" } },
      proxy: { resources: { cpu: { request: "100m" }, memory: { request: "20Mi", limit: "250Mi" } } },
    }),
  };
}
