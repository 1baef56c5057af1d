import * as assert from "node:assert/strict";

import type { HttpRouteSpec } from "../../components/custom-resources/gateway-api-resources";
import type { TraefikServiceSpec } from "../../components/custom-resources/traefik-resources";
import type { Recorded, Values } from "../harness";
import { certManagerNamespace, findCreatedObjects } from "./created-objects";
import type { ExpectedApp } from "./expected-apps";
import { readPath, id, readMetadata, filterByType, type Resources } from "./resources";

/** Finds the objects that a resource refers to, as keys of {@link findCreatedObjects}. */
export function findReferences(resource: Recorded): string[] {
  const kind = resource.type.split(":").at(-1) ?? "";
  const { namespace, annotations } = readMetadata(resource);
  const { inputs } = resource;
  const theirs = readers[kind]?.({ inputs, namespace, annotations }) ?? [];
  return namespace === "" || namespace === "kube-system" ? theirs : [`Namespace /${namespace}`, ...theirs];
}

/**
 * Every reference is to an existing object.
 *
 * @param preexisting Objects that exist before the stack.
 */
export function assertReferencesExist(resources: Resources, preexisting: readonly string[]): void {
  const made = findCreatedObjects(resources);
  for (const each of resources.filter(({ type }) => type.startsWith("kubernetes:")))
    for (const reference of findReferences(each))
      assert.ok(
        made.has(reference) || preexisting.includes(reference),
        `${id(each)} refers to ${reference}, which does not exist`,
      );
}

/** Every URL of forward authentication is one of an app's Service to which the ingress controller may connect. */
export function assertAuthUrls(resources: Resources, apps: readonly ExpectedApp[]): void {
  const known = apps
    .filter(({ port, routedPorts }) => routedPorts.includes(port))
    .map(
      ({ serviceName, namespace, servicePort }) =>
        `${serviceName}.${namespace}.svc.cluster.local:${servicePort}`,
    );
  for (const each of resources) {
    const urls = [
      readPath(each.inputs, "spec.forwardAuth.address"),
      readMetadata(each).annotations[`${nginx}/auth-url`],
    ];
    for (const url of texts(urls))
      assert.ok(known.includes(new URL(url).host), `${id(each)} asks ${url}, which the apps do not open`);
  }
}

const referencedKinds =
  /:(ConfigMap|MeshTLSAuthentication|Middleware|NetworkAuthentication|Secret|ServersTransport|TLSOption|TraefikService)$/;

/**
 * Every object of these kinds is referred to. Exceptions: the origin lock, which exists without hosts too, the
 * default TLS options, and the record of the ingress controller for the next `up`.
 */
export function assertAllReferenced(resources: Resources): void {
  const made = findCreatedObjects(resources);
  const named = new Set(
    resources.flatMap((each) =>
      each.type.startsWith("kubernetes:") ? findReferences(each).map((key) => made.get(key)) : [],
    ),
  );
  for (const each of resources)
    if (referencedKinds.test(each.type) && !/:(DefaultTls|OriginLock|Handover) /.test(each.parent))
      assert.ok(named.has(each), `nothing refers to ${id(each)}`);
}

/** Every response header is in the allow-list of ingress-nginx, which answers 503 for a host with another one. */
export function assertHeadersAllowed(resources: Resources): void {
  const allowLists = filterByType(resources, "Release").map(({ inputs }) =>
    readPath(inputs, "values.controller.config.global-allowed-response-headers"),
  );
  const allowed = texts(allowLists).flatMap((each) => each.split(","));
  const named = new Set(filterByType(resources, "Ingress").flatMap(findReferences));
  for (const each of filterByType(resources, "ConfigMap")) {
    const { name, namespace } = readMetadata(each);
    if (!named.has(`ConfigMap ${namespace}/${name}`)) continue;
    for (const header of Object.keys(each.inputs.data ?? {}))
      assert.ok(allowed.includes(header), `nginx does not allow ${header} in ${id(each)}`);
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

const readers: Readonly<Record<string, (subject: Subject) => string[]>> = {
  Ingress: ({ inputs, namespace, annotations }) => [
    `IngressClass /${String(readPath(inputs, "spec.ingressClassName"))}`,
    ...texts(annotations[`${router}.middlewares`]?.split(",")).map((each) => `Middleware ${each}`),
    ...texts(annotations[`${router}.tls.options`]).map((each) => `TLSOption ${each}`),
    ...texts(annotations[`${nginx}/auth-secret`]).map((each) => `Secret ${namespace}/${each}#auth`),
    ...texts(annotations[`${nginx}/auth-tls-secret`]).map((each) => `Secret ${each}#ca.crt`),
    ...texts(annotations[`${nginx}/proxy-ssl-secret`]).map((each) => `Secret ${each}#ca.crt`),
    ...texts(annotations[`${nginx}/custom-headers`]).map((each) => `ConfigMap ${each}`),
    ...list(readPath(inputs, "spec.tls")).flatMap(({ secretName }) =>
      texts(secretName).map((each) => `Secret ${namespace}/${each}#tls.crt`),
    ),
    ...list(readPath(inputs, "spec.rules"))
      .flatMap((rule) => list(readPath(rule, "http.paths")))
      .map(({ backend }) => readPath(backend as Values, "service") as Values)
      .map(
        (service) =>
          `Service ${namespace}/${service.name as string}:${String(readPath(service, "port.number"))}`,
      ),
  ],
  Service: ({ annotations }) =>
    texts(annotations["traefik.ingress.kubernetes.io/service.serverstransport"]).map(
      (each) => `ServersTransport ${each}`,
    ),
  ServersTransport: ({ inputs, namespace }) =>
    list(readPath(inputs, "spec.rootCAs")).flatMap(({ secret, configMap }) => [
      ...texts(secret).map((each) => `Secret ${namespace}/${each}#ca.crt`),
      ...texts(configMap).map((each) => `ConfigMap ${namespace}/${each}`),
    ]),
  Middleware: ({ inputs, namespace }) =>
    texts(readPath(inputs, "spec.basicAuth.secret")).map((each) => `Secret ${namespace}/${each}#auth`),
  TLSOption: ({ inputs, namespace }) =>
    texts(readPath(inputs, "spec.clientAuth.secretNames")).map(
      (each) => `Secret ${namespace}/${each}#ca.crt`,
    ),
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
    `GatewayClass /${String(readPath(inputs, "spec.gatewayClassName"))}`,
    ...list(readPath(inputs, "spec.listeners"))
      .flatMap((listener) => list(readPath(listener, "tls.certificateRefs")))
      .map(({ name }) => `Secret ${namespace}/${name as string}#tls.crt`),
  ],
  Certificate: ({ inputs, namespace }) => {
    const { kind, name } = readPath(inputs, "spec.issuerRef") as Record<"kind" | "name", string>;
    return [`${kind} ${kind === "Issuer" ? namespace : ""}/${name}`];
  },
  Issuer: ({ inputs, namespace }) => findIssuerReferences(inputs, namespace),
  ClusterIssuer: ({ inputs }) => findIssuerReferences(inputs, certManagerNamespace),
  Bundle: ({ inputs }) =>
    list(readPath(inputs, "spec.sources")).map(({ secret }) => {
      const { name, key } = secret as Record<"name" | "key", string>;
      return `Secret ${certManagerNamespace}/${name}#${key}`;
    }),
  // Without the field it is `default`, which every namespace has.
  Deployment: ({ inputs, namespace }) => [
    ...texts(readPath(inputs, "spec.template.spec.serviceAccountName")).map(
      (each) => `ServiceAccount ${namespace}/${each}`,
    ),
    ...list(readPath(inputs, "spec.template.spec.volumes")).flatMap((volume) =>
      texts(readPath(volume, "configMap.name")).map((each) => `ConfigMap ${namespace}/${each}`),
    ),
  ],
  HorizontalPodAutoscaler: ({ inputs, namespace }) => [
    `Deployment ${namespace}/${String(readPath(inputs, "spec.scaleTargetRef.name"))}`,
  ],
  AuthorizationPolicy: ({ inputs, namespace }) => [
    `Server ${namespace}/${String(readPath(inputs, "spec.targetRef.name"))}`,
    ...list(readPath(inputs, "spec.requiredAuthenticationRefs")).map(
      ({ kind, name }) => `${kind as string} ${namespace}/${name as string}`,
    ),
  ],
  Release: ({ inputs, namespace }) => findReleaseReferences(inputs.values as Values | undefined, namespace),
};

function findIssuerReferences(inputs: Values, namespace: string): string[] {
  return [
    ...texts(readPath(inputs, "spec.ca.secretName")).map((each) => `Secret ${namespace}/${each}#tls.key`),
    ...list(readPath(inputs, "spec.acme.solvers")).flatMap((solver) => {
      const token = readPath(solver, "dns01.cloudflare.apiTokenSecretRef") as
        Record<"name" | "key", string> | undefined;
      return [
        ...(token ? [`Secret ${namespace}/${token.name}#${token.key}`] : []),
        ...texts(readPath(solver, "http01.ingress.ingressClassName")).map((each) => `IngressClass /${each}`),
      ];
    }),
  ];
}

/** References of an ingress controller: its default certificate, Secrets of its environment, and the published Service. */
const findReleaseReferences = (values: Values | undefined, namespace: string): string[] => [
  ...texts(readPath(values, "tlsStore.default.defaultCertificate.secretName")).map(
    (each) => `Secret ${namespace}/${each}#tls.crt`,
  ),
  ...texts(readPath(values, "controller.extraArgs.default-ssl-certificate")).map(
    (each) => `Secret ${each}#tls.crt`,
  ),
  ...texts(readPath(values, "providers.kubernetesIngress.publishedService.pathOverride")).map(
    (each) => `Service ${each}`,
  ),
  ...texts(readPath(values, "controller.publishService.pathOverride")).map((each) => `Service ${each}`),
  ...list(values?.env).map((each) => {
    const { name, key } = readPath(each, "valueFrom.secretKeyRef") as Record<"name" | "key", string>;
    return `Secret ${namespace}/${name}#${key}`;
  }),
];
