import * as assert from "node:assert/strict";

import type { HttpRouteSpec } from "../../components/custom-resources/gateway-api-resources";
import type { TraefikServiceSpec } from "../../components/custom-resources/traefik-resources";
import type { Recorded, Values } from "../harness";
import { certManagerNamespace, madeBy } from "./made";
import { at, id, metadataOf, ofType, type Resources } from "./resources";

/** What a resource refers to, in the words of {@link madeBy}. */
export function referencesOf(resource: Recorded): string[] {
  const kind = resource.type.split(":").at(-1) ?? "";
  const { namespace, annotations } = metadataOf(resource);
  const { inputs } = resource;
  const theirs = of[kind]?.({ inputs, namespace, annotations }) ?? [];
  return namespace === "" || namespace === "kube-system" ? theirs : [`Namespace /${namespace}`, ...theirs];
}

/**
 * Every object that another names is there.
 *
 * @param there What is there without us.
 */
export function everyReferenceLeads(resources: Resources, there: readonly string[]): void {
  const made = madeBy(resources);
  for (const each of resources.filter(({ type }) => type.startsWith("kubernetes:")))
    for (const reference of referencesOf(each))
      assert.ok(
        made.has(reference) || there.includes(reference),
        `${id(each)} names ${reference}, which nobody makes`,
      );
}

const onlyNamed =
  /:(ConfigMap|MeshTLSAuthentication|Middleware|NetworkAuthentication|Secret|ServersTransport|TLSOption|TraefikService)$/;

/**
 * What is there only to be named is named by something. The lock is there whether or not there is a host to lock, and who
 * routes is written down for the next `up`.
 */
export function nothingIsMadeInVain(resources: Resources): void {
  const made = madeBy(resources);
  const named = new Set(
    resources.flatMap((each) =>
      each.type.startsWith("kubernetes:") ? referencesOf(each).map((key) => made.get(key)) : [],
    ),
  );
  for (const each of resources)
    if (onlyNamed.test(each.type) && !/:(OriginLock|Handover) /.test(each.parent))
      assert.ok(named.has(each), `nothing names ${id(each)}`);
}

/** nginx answers 503 for a host that sets a header which it was not told of. */
export function everyHeaderIsAllowed(resources: Resources): void {
  const told = ofType(resources, "Release").map(({ inputs }) =>
    at(inputs, "values.controller.config.global-allowed-response-headers"),
  );
  const allowed = texts(told).flatMap((each) => each.split(","));
  const named = new Set(ofType(resources, "Ingress").flatMap(referencesOf));
  for (const each of ofType(resources, "ConfigMap")) {
    const { name, namespace } = metadataOf(each);
    if (!named.has(`ConfigMap ${namespace}/${name}`)) continue;
    for (const header of Object.keys(each.inputs.data ?? {}))
      assert.ok(allowed.includes(header), `nginx is not told of ${header} in ${id(each)}`);
  }
}

interface Subject {
  readonly inputs: Values;
  readonly namespace: string;
  readonly annotations: Readonly<Record<string, string>>;
}

const texts = (values: unknown): string[] => [values].flat().filter((value) => typeof value === "string");
const list = (values: unknown): Values[] => (values ?? []) as Values[];

const router = "traefik.ingress.kubernetes.io/router";
const nginx = "nginx.ingress.kubernetes.io";

const of: Readonly<Record<string, (subject: Subject) => string[]>> = {
  Ingress: ({ inputs, namespace, annotations }) => [
    `IngressClass /${String(at(inputs, "spec.ingressClassName"))}`,
    ...texts(annotations[`${router}.middlewares`]?.split(",")).map((each) => `Middleware ${each}`),
    ...texts(annotations[`${router}.tls.options`]).map((each) => `TLSOption ${each}`),
    ...texts(annotations[`${nginx}/auth-secret`]).map((each) => `Secret ${namespace}/${each}#auth`),
    ...texts(annotations[`${nginx}/auth-tls-secret`]).map((each) => `Secret ${each}#ca.crt`),
    ...texts(annotations[`${nginx}/custom-headers`]).map((each) => `ConfigMap ${each}`),
    ...list(at(inputs, "spec.tls")).flatMap(({ secretName }) =>
      texts(secretName).map((each) => `Secret ${namespace}/${each}#tls.crt`),
    ),
    ...list(at(inputs, "spec.rules"))
      .flatMap((rule) => list(at(rule, "http.paths")))
      .map(({ backend }) => at(backend as Values, "service") as Values)
      .map(
        (service) => `Service ${namespace}/${service.name as string}:${String(at(service, "port.number"))}`,
      ),
  ],
  Service: ({ annotations }) =>
    texts(annotations["traefik.ingress.kubernetes.io/service.serverstransport"]).map(
      (each) => `ServersTransport ${each}`,
    ),
  Middleware: ({ inputs, namespace }) =>
    texts(at(inputs, "spec.basicAuth.secret")).map((each) => `Secret ${namespace}/${each}#auth`),
  TLSOption: ({ inputs, namespace }) =>
    texts(at(inputs, "spec.clientAuth.secretNames")).map((each) => `Secret ${namespace}/${each}#ca.crt`),
  HTTPRoute: ({ inputs, namespace }) => {
    const spec: unknown = inputs.spec;
    const { parentRefs, rules } = spec as HttpRouteSpec;
    const filters = rules.flatMap((rule) => rule.filters ?? []);
    return [
      ...parentRefs.map((each) =>
        "port" in each
          ? `Service ${namespace}/${each.name}:${String(each.port)}`
          : `Gateway ${each.namespace}/${each.name}#${each.sectionName}`,
      ),
      ...filters.flatMap((each) =>
        each.type === "ExtensionRef"
          ? [`${each.extensionRef.kind} ${namespace}/${each.extensionRef.name}`]
          : [],
      ),
      ...rules
        .flatMap((rule) => rule.backendRefs ?? [])
        .map(({ kind = "Service", name, port }) =>
          [`${kind} ${namespace}/${name}`, port].filter((part) => part !== undefined).join(":"),
        ),
    ];
  },
  TraefikService: ({ inputs, namespace }) => {
    const spec: unknown = inputs.spec;
    return (spec as TraefikServiceSpec).weighted.services.flatMap(({ name, port, serversTransport }) => [
      `Service ${namespace}/${name}:${port}`,
      ...texts(serversTransport).map((each) => `ServersTransport ${namespace}/${each}`),
    ]);
  },
  Gateway: ({ inputs, namespace }) => [
    `GatewayClass /${String(at(inputs, "spec.gatewayClassName"))}`,
    ...list(at(inputs, "spec.listeners"))
      .flatMap((listener) => list(at(listener, "tls.certificateRefs")))
      .map(({ name }) => `Secret ${namespace}/${name as string}#tls.crt`),
  ],
  Certificate: ({ inputs, namespace }) => {
    const { kind, name } = at(inputs, "spec.issuerRef") as Record<"kind" | "name", string>;
    return [`${kind} ${kind === "Issuer" ? namespace : ""}/${name}`];
  },
  Issuer: ({ inputs, namespace }) => ofIssuer(inputs, namespace),
  ClusterIssuer: ({ inputs }) => ofIssuer(inputs, certManagerNamespace),
  Bundle: ({ inputs }) =>
    list(at(inputs, "spec.sources")).map(({ secret }) => {
      const { name, key } = secret as Record<"name" | "key", string>;
      return `Secret ${certManagerNamespace}/${name}#${key}`;
    }),
  Deployment: ({ inputs, namespace }) => [
    `ServiceAccount ${namespace}/${String(at(inputs, "spec.template.spec.serviceAccountName"))}`,
  ],
  HorizontalPodAutoscaler: ({ inputs, namespace }) => [
    `Deployment ${namespace}/${String(at(inputs, "spec.scaleTargetRef.name"))}`,
  ],
  AuthorizationPolicy: ({ inputs, namespace }) => [
    `Server ${namespace}/${String(at(inputs, "spec.targetRef.name"))}`,
    ...list(at(inputs, "spec.requiredAuthenticationRefs")).map(
      ({ kind, name }) => `${kind as string} ${namespace}/${name as string}`,
    ),
  ],
  Release: ({ inputs, namespace }) => ofRelease(inputs.values as Values | undefined, namespace),
};

function ofIssuer(inputs: Values, namespace: string): string[] {
  return [
    ...texts(at(inputs, "spec.ca.secretName")).map((each) => `Secret ${namespace}/${each}#tls.key`),
    ...list(at(inputs, "spec.acme.solvers")).flatMap((solver) => {
      const token = at(solver, "dns01.cloudflare.apiTokenSecretRef") as
        Record<"name" | "key", string> | undefined;
      return [
        ...(token ? [`Secret ${namespace}/${token.name}#${token.key}`] : []),
        ...texts(at(solver, "http01.ingress.ingressClassName")).map((each) => `IngressClass /${each}`),
      ];
    }),
  ];
}

/** What a controller is told of: its default certificate, what its environment is read from, and a Service it shows. */
const ofRelease = (values: Values | undefined, namespace: string): string[] => [
  ...texts(at(values, "tlsStore.default.defaultCertificate.secretName")).map(
    (each) => `Secret ${namespace}/${each}#tls.crt`,
  ),
  ...texts(at(values, "controller.extraArgs.default-ssl-certificate")).map(
    (each) => `Secret ${each}#tls.crt`,
  ),
  ...texts(at(values, "providers.kubernetesIngress.publishedService.pathOverride")).map(
    (each) => `Service ${each}`,
  ),
  ...texts(at(values, "controller.publishService.pathOverride")).map((each) => `Service ${each}`),
  ...list(values?.env).map((each) => {
    const { name, key } = at(each, "valueFrom.secretKeyRef") as Record<"name" | "key", string>;
    return `Secret ${namespace}/${name}#${key}`;
  }),
];
