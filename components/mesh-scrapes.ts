import * as pulumi from "@pulumi/pulumi";

import { authorizationPolicy, meshTlsAuthentication, server } from "./custom-resources/linkerd";

export interface MeshScrapesArgs {
  /** Where meshed pods are, by a name for each place. */
  readonly namespaces: Readonly<Record<string, pulumi.Input<string>>>;
  /** The suffix of every workload's identity. */
  readonly trustDomain: string;
}

/** Where the proxy tells its metrics, and its health. */
const proxyAdmin = 4191;

/**
 * Lets viz's Prometheus scrape the proxies of the named namespaces where the mesh lets nobody in by default, as
 * `linkerd viz allow-scrapes` does. Probes of the proxy pass by themselves, as no route is attached to the Server.
 *
 * @see https://linkerd.io/2/reference/authorization-policy/
 */
export class MeshScrapes extends pulumi.ComponentResource {
  constructor(name: string, args: MeshScrapesArgs, opts?: pulumi.ComponentResourceOptions) {
    const { namespaces, trustDomain } = args;
    super("platform:networking:MeshScrapes", name, {}, opts);

    for (const [place, namespace] of Object.entries(namespaces)) {
      const prometheus = meshTlsAuthentication(
        `${name}-${place}-prometheus`,
        { name: "prometheus", namespace },
        { identities: [`prometheus.linkerd-viz.serviceaccount.identity.linkerd.${trustDomain}`] },
        { parent: this },
      );
      const scrapes = authorizationPolicy(
        `${name}-${place}`,
        { name: "prometheus-scrape", namespace },
        {
          targetRef: { group: "policy.linkerd.io", kind: "Server", name: "proxy-admin" },
          requiredAuthenticationRefs: [
            { group: "policy.linkerd.io", kind: "MeshTLSAuthentication", name: "prometheus" },
          ],
        },
        { parent: this, dependsOn: [prometheus] },
      );
      // A Server closes its port the moment it is there, so what opens it comes first.
      server(
        `${name}-${place}-proxy-admin`,
        { name: "proxy-admin", namespace },
        { podSelector: {}, port: proxyAdmin, proxyProtocol: "HTTP/1", accessPolicy: "deny" },
        { parent: this, dependsOn: [scrapes] },
      );
    }

    this.registerOutputs({});
  }
}
