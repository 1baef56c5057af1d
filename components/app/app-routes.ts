import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { certificate } from "../custom-resources/cert-manager-resources";
import { httpRoute } from "../custom-resources/gateway-api-resources";
import { ignoredByExternalDns } from "../external-dns/external-dns-annotations";
import type { ResolvedRoute } from "../ingress/route";
import {
  withSuffix,
  type ResourceNames,
  type SupportingResource,
  type PathIngress,
  type RouteManifest,
  type RenderContext,
} from "../ingress/route-manifests";
import { waitForIssued } from "../pulumi/wait-for";

/** The arguments that all routes of an app share. */
export interface RouteArgs {
  /** The app's Service. */
  readonly serviceName: string;
  readonly servicePort: number;
  readonly namespace: pulumi.Input<string>;
  readonly labels: Readonly<Record<string, string>>;
  readonly ingressClassName: string;
  /** The ClusterIssuer of certificates for a single host. */
  readonly issuer: string;
}

/** Creates an object that an Ingress, an HTTPRoute or a Service refers to. */
export function createSupportingResource(
  part: SupportingResource,
  namespace: pulumi.Input<string>,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  const metadata = { name: part.objectName, namespace };
  if ("data" in part)
    return new kubernetes.core.v1.ConfigMap(part.pulumiName, { metadata, data: part.data }, opts);
  const { apiVersion, kind, spec } = part;
  return new kubernetes.apiextensions.CustomResource(
    part.pulumiName,
    { apiVersion, kind, metadata, spec },
    opts,
  );
}

/** Creates a certificate for one host, and waits until it is issued. */
export const createHostCertificate = (
  names: ResourceNames,
  { host }: ResolvedRoute,
  { namespace, issuer }: RouteArgs,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource =>
  certificate(
    names.pulumiName,
    {
      name: names.objectName,
      namespace,
      annotations: waitForIssued,
    },
    {
      secretName: withSuffix(names, "tls").objectName,
      issuerRef: { kind: "ClusterIssuer", name: issuer },
      commonName: host,
      dnsNames: [host],
    },
    opts,
  );

/** Pulumi does not await HTTPRoutes by default; wait for Accepted and ResolvedRefs. */
const waitForAccepted = {
  "pulumi.com/waitFor": JSON.stringify(
    ["Accepted", "ResolvedRefs"].map(
      (type) => `jsonpath={.status.parents[0].conditions[?(@.type=="${type}")].status}=True`,
    ),
  ),
};

/**
 * Creates the HTTPRoute or Ingress of a host, and for a canary a second Ingress.
 *
 * @param names The names of the host's objects, which do not depend on the controller.
 */
export function createRoute(
  manifest: RouteManifest,
  names: ResourceNames,
  context: pulumi.Output<RenderContext>,
  args: RouteArgs,
  opts: pulumi.CustomResourceOptions,
): void {
  const { route, pulumiName, objectName } = manifest;
  const { namespace, labels } = args;
  const dnsAnnotations = route.dns === "pulumi" ? ignoredByExternalDns : {};
  const metadata = { name: objectName, namespace, labels };
  if (manifest.kind === "HTTPRoute") {
    httpRoute(
      pulumiName,
      { ...metadata, annotations: { ...dnsAnnotations, ...waitForAccepted } },
      context.apply(manifest.spec),
      opts,
    );
    return;
  }
  const createIngress = (
    each: Pick<PathIngress, keyof ResourceNames | "annotations">,
    paths: ResolvedRoute["paths"],
  ) =>
    new kubernetes.networking.v1.Ingress(
      each.pulumiName,
      {
        metadata: {
          ...metadata,
          name: each.objectName,
          annotations: context.apply((known) => ({ ...each.annotations(known), ...dnsAnnotations })),
        },
        spec: buildIngressSpec({ ...route, paths }, names, args),
      },
      opts,
    );
  const { pathIngresses = [] } = manifest;
  for (const each of pathIngresses) createIngress(each, [each.path]);
  const others = route.paths.filter((path) => pathIngresses.every((each) => each.path !== path));
  if (others.length === 0) return;
  const ingress = createIngress(manifest, others);
  if (manifest.canary === undefined) return;
  const { canary } = manifest;
  new kubernetes.networking.v1.Ingress(
    canary.pulumiName,
    {
      // external-dns must read the host from the stable Ingress only.
      metadata: {
        ...metadata,
        name: canary.objectName,
        annotations: { ...canary.annotations, ...ignoredByExternalDns },
      },
      spec: buildIngressSpec(route, names, { ...args, serviceName: canary.serviceName }),
    },
    { ...opts, dependsOn: [ingress] },
  );
}

function buildIngressSpec(
  { host, paths, certificate }: ResolvedRoute,
  names: ResourceNames,
  { serviceName, servicePort, ingressClassName }: RouteArgs,
): kubernetes.types.input.networking.v1.IngressSpec {
  const backend = { service: { name: serviceName, port: { number: servicePort } } };
  // Without a Secret, the controller presents its default certificate, the wildcard.
  const secretName = certificate === "own" ? { secretName: withSuffix(names, "tls").objectName } : {};
  return {
    ingressClassName,
    tls: [{ hosts: [host], ...secretName }],
    rules: [{ host, http: { paths: paths.map(({ path, pathType }) => ({ path, pathType, backend })) } }],
  };
}
