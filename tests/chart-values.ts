import { chartDefaults, chartSchema } from "./fixtures/upstream";
import { faultsOf, unknownPaths } from "./json-schema";

/**
 * What a chart takes though neither its defaults nor its schema list it, by chart, and why: a value, or with `.*` every
 * key of a map.
 */
const unlisted: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "external-dns": { "podAnnotations.*": "annotations", "extraArgs.*": "flags of external-dns, by name" },
  "linkerd-control-plane": {
    "destinationController.podAnnotations.*": "annotations",
    "proxy.inbound.server.http2.*": "each key becomes a variable of the proxy",
    "proxy.outbound.server.http2.*": "the same",
  },
  "cert-manager": {
    "resources.*": "what a container's resources are in Kubernetes",
    "webhook.resources.*": "the same",
    "cainjector.resources.*": "the same",
  },
  "trust-manager": { "resources.*": "what a container's resources are in Kubernetes" },
  cilium: {
    "resources.*": "what a container's resources are in Kubernetes",
    "envoy.resources.*": "the same",
    "operator.resources.*": "the same",
    "hubble.relay.resources.*": "the same",
    "hubble.ui.frontend.resources.*": "the same",
    "hubble.ui.backend.resources.*": "the same",
    "socketLB.hostNamespaceOnly": "the chart reads it, and tells of it in a comment alone",
  },
  traefik: {
    "accessLog.fields.names.*": "fields of the access log, by name",
    "deployment.podAnnotations.*": "annotations",
    "ports.web.http.redirections.entryPoint.*":
      "what Traefik's own option takes: to, scheme, permanent, priority",
    "resources.*": "what a container's resources are in Kubernetes",
    "service.spec.*": "what a Service's spec is in Kubernetes",
    "tlsOptions.*": "one TLSOption for each key",
    "tlsStore.*": "one TLSStore for each key",
  },
  "ingress-nginx": {
    "controller.podAnnotations.*": "annotations",
    "controller.config.*": "what ingress-nginx's own ConfigMap takes",
    "controller.extraArgs.*": "flags of ingress-nginx, by name",
    "controller.proxySetHeaders.*": "headers of the request to the app, by name",
    "controller.maxUnavailable": "the chart reads it, and tells of it in a comment alone",
  },
};

const isUnlisted = (chart: string, at: string): boolean =>
  Object.keys(unlisted[chart] ?? {}).some((each) =>
    each.endsWith(".*") ? at.startsWith(each.slice(0, -1)) : at === each,
  );

/** What a chart has against its values: keys that it does not know, and what its schema says of the others. */
export function valueFaults(chart: string, values: unknown): string[] {
  const [schema, defaults] = [chartSchema(chart), chartDefaults(chart)];
  if (defaults.length === 0) throw new Error(`${chart} has no fixture`);
  const all = defaults.map((each) => unknownPaths(values, each, schema, schema));
  // Of one file it may be unknown what another has in part: the path is the other's then.
  const isIn = (paths: readonly string[], at: string) =>
    paths.some((each) => at === each || at.startsWith(`${each}.`));
  const unknown = [...new Set(all.flat())].filter((at) => all.every((paths) => isIn(paths, at)));
  return [
    ...unknown.filter((each) => !isUnlisted(chart, each)).map((each) => `${each} is not known`),
    ...faultsOf(values, schema, { root: schema, closed: false }),
  ];
}
