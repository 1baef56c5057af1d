import { z } from "zod";

const objectValues = z.looseObject({
  tlsOptions: z.record(z.string(), z.unknown()).default({}),
  tlsStore: z.record(z.string(), z.unknown()).default({}),
  extraObjects: z
    .array(
      z.looseObject({
        apiVersion: z.literal("traefik.io/v1alpha1"),
        kind: z.literal("Middleware"),
        metadata: z.object({ name: z.string(), namespace: z.string() }),
      }),
    )
    .default([]),
  ingressClass: z.looseObject({ enabled: z.boolean(), isDefaultClass: z.boolean(), name: z.string() }),
});

/** The objects beside the Deployment that Traefik reads: the chart's TLSOptions, TLSStores and
 * IngressClass, and the Middlewares given beside. */
export function traefikObjects(values: unknown, namespace: string): Readonly<Record<string, object>> {
  const { tlsOptions, tlsStore, extraObjects, ingressClass } = objectValues.parse(values);
  const ofKind = (kind: string, plural: string, all: Readonly<Record<string, unknown>>) =>
    Object.entries(all).map(([name, spec]) => [
      `/apis/traefik.io/v1alpha1/namespaces/${namespace}/${plural}/${name}`,
      { apiVersion: "traefik.io/v1alpha1", kind, metadata: { name, namespace }, spec },
    ]);
  const { name, isDefaultClass } = ingressClass;
  return Object.fromEntries([
    ...ofKind("TLSOption", "tlsoptions", tlsOptions),
    ...ofKind("TLSStore", "tlsstores", tlsStore),
    ...extraObjects.map((object) => [
      `/apis/traefik.io/v1alpha1/namespaces/${object.metadata.namespace}/middlewares/${object.metadata.name}`,
      object,
    ]),
    [
      `/apis/networking.k8s.io/v1/ingressclasses/${name}`,
      {
        apiVersion: "networking.k8s.io/v1",
        kind: "IngressClass",
        metadata: {
          name,
          annotations: { "ingressclass.kubernetes.io/is-default-class": String(isDefaultClass) },
        },
        spec: { controller: "traefik.io/ingress-controller" },
      },
    ],
  ]) as Readonly<Record<string, object>>;
}
