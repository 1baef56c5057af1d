import * as pulumi from "@pulumi/pulumi";

import {
  authorizationPolicy,
  meshTlsAuthentication,
  networkAuthentication,
  server,
} from "../custom-resources/linkerd-resources";
import { proxyPorts } from "./ports";

export interface MeshScrapesArgs {
  /** Namespaces with meshed pods, keyed by resource-name suffix. */
  readonly namespaces: Readonly<Record<string, pulumi.Input<string>>>;
  /** The suffix of every workload's identity. */
  readonly trustDomain: string;
  /** The scraper: mesh identities, or for one without a proxy the address ranges of pods. Default: linkerd-viz's. */
  readonly scraper?:
    { readonly identities: readonly string[] } | { readonly podCidrs: readonly string[] } | undefined;
}

/**
 * Allows Prometheus (that of linkerd-viz, or your own) to scrape the proxies of these namespaces if the default inbound
 * policy denies it, as `linkerd viz allow-scrapes` does. Probes of the proxy are always authorized, since no route is
 * attached to the Server.
 *
 * @see https://linkerd.io/2/reference/authorization-policy/
 */
export class MeshScrapes extends pulumi.ComponentResource {
  constructor(name: string, args: MeshScrapesArgs, opts?: pulumi.ComponentResourceOptions) {
    const { namespaces, trustDomain } = args;
    const viz = `prometheus.linkerd-viz.serviceaccount.identity.linkerd.${trustDomain}`;
    const { scraper = { identities: [viz] } } = args;
    super("platform:networking:MeshScrapes", name, {}, opts);

    for (const [place, namespace] of Object.entries(namespaces)) {
      const metadata = { name: "prometheus", namespace };
      const [kind, prometheus] =
        "identities" in scraper
          ? ([
              "MeshTLSAuthentication",
              meshTlsAuthentication(`${name}-${place}-prometheus`, metadata, scraper, { parent: this }),
            ] as const)
          : ([
              "NetworkAuthentication",
              networkAuthentication(
                `${name}-${place}-prometheus`,
                metadata,
                { networks: scraper.podCidrs.map((cidr) => ({ cidr })) },
                { parent: this },
              ),
            ] as const);
      const scrapes = authorizationPolicy(
        `${name}-${place}`,
        { name: "prometheus-scrape", namespace },
        {
          targetRef: { group: "policy.linkerd.io", kind: "Server", name: "proxy-admin" },
          requiredAuthenticationRefs: [{ group: "policy.linkerd.io", kind, name: "prometheus" }],
        },
        { parent: this, dependsOn: [prometheus] },
      );
      // The Server last, because it denies traffic as soon as it exists.
      server(
        `${name}-${place}-proxy-admin`,
        { name: "proxy-admin", namespace },
        { podSelector: {}, port: proxyPorts.admin, proxyProtocol: "HTTP/1", accessPolicy: "deny" },
        { parent: this, dependsOn: [scrapes] },
      );
    }

    this.registerOutputs({});
  }
}
