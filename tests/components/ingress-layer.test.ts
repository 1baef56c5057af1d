import * as assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import { chartsFrom } from "../../components/charts";
import { IngressLayer, ingressClassName, ingressEndpoint } from "../../components/ingress-layer";
import { childrenOf, find, run, value, type Values } from "../harness";
import { providers } from "./providers";

const edgeCidrs = ["173.245.48.0/20", "103.21.244.0/22"];

const make = (proxyProtocol = true) =>
  run(
    () =>
      new IngressLayer(
        "traefik",
        {
          chart: chartsFrom().traefik,
          replicas: { min: 3, max: 10 },
          nodePorts: { http: 30080, https: 30443 },
          loadBalancer: {
            ipv4: pulumi.output("203.0.113.9"),
            privateIpv4: pulumi.output("10.0.0.9"),
            proxyProtocol,
          },
          edgeCidrs: pulumi.output(edgeCidrs),
        },
        { providers: providers() },
      ),
  );

async function valuesOf(proxyProtocol?: boolean): Promise<Values> {
  const { resources } = await make(proxyProtocol);
  return find(resources, ":Release", "traefik-chart").inputs.values as Values;
}

const portsOf = async (proxyProtocol?: boolean) =>
  (await valuesOf(proxyProtocol)).ports as { web: Values; websecure: Values };

describe("IngressLayer", () => {
  it("is Traefik in a namespace of its own", async () => {
    const { resources, result } = await make();
    assert.deepEqual(childrenOf(resources, "traefik"), [
      "kubernetes:core/v1:Namespace traefik",
      "kubernetes:helm.sh/v3:Release traefik-chart",
    ]);
    for (const { provider } of resources.filter(({ parent }) => parent !== ""))
      assert.equal(provider, "kubernetes");
    const { inputs } = find(resources, ":Release", "traefik-chart");
    assert.deepEqual([inputs.name, inputs.namespace, inputs.atomic], ["traefik", "traefik", true]);
    assert.equal(await value(result.namespace), "traefik");
  });

  it("is where network policies look for it", async () => {
    const { inputs } = find((await make()).resources, ":Namespace", "traefik");
    assert.deepEqual(inputs.metadata, { name: ingressEndpoint.namespace });
    assert.deepEqual(ingressEndpoint, { namespace: "traefik", app: "traefik" });
  });

  it("listens on the node ports the load balancer sends to, on nodes that run it", async () => {
    const { web, websecure } = await portsOf();
    assert.deepEqual([web.nodePort, websecure.nodePort], [30080, 30443]);
    assert.deepEqual((await valuesOf()).service, {
      spec: { type: "NodePort", externalTrafficPolicy: "Local" },
    });
  });

  it("believes the load balancer's PROXY protocol header on both ports, and nobody else's", async () => {
    const { web, websecure } = await portsOf(true);
    assert.deepEqual(web.proxyProtocol, { trustedIPs: ["10.0.0.9/32"] });
    assert.deepEqual(websecure.proxyProtocol, { trustedIPs: ["10.0.0.9/32"] });
  });

  it("believes no PROXY protocol header where the load balancer sends none", async () => {
    const { web, websecure } = await portsOf(false);
    assert.equal("proxyProtocol" in web || "proxyProtocol" in websecure, false);
  });

  it("believes Cloudflare's X-Forwarded-For on both ports", async () => {
    const { web, websecure } = await portsOf();
    assert.deepEqual(web.forwardedHeaders, { trustedIPs: edgeCidrs });
    assert.deepEqual(websecure.forwardedHeaders, { trustedIPs: edgeCidrs });
  });

  it("sends plain HTTP to HTTPS, and ends TLS of 1.2 or newer", async () => {
    const { web, websecure } = await portsOf();
    assert.deepEqual(web.http, {
      redirections: { entryPoint: { to: "websecure", scheme: "https", permanent: true } },
    });
    assert.deepEqual(websecure.http, { tls: { enabled: true } });
    assert.deepEqual((await valuesOf()).tlsOptions, { default: { minVersion: "VersionTLS12" } });
  });

  it("shows the load balancer's address on every Ingress, not the nodes'", async () => {
    const { kubernetesIngress } = (await valuesOf()).providers as { kubernetesIngress: Values };
    assert.deepEqual(kubernetesIngress.ingressEndpoint, { ip: "203.0.113.9" });
    assert.deepEqual(kubernetesIngress.publishedService, { enabled: false });
  });

  it("is the class that Ingress objects name", async () => {
    assert.deepEqual((await valuesOf()).ingressClass, {
      enabled: true,
      isDefaultClass: true,
      name: ingressClassName,
    });
  });

  it("is meshed, but for the two ports where clients come in", async () => {
    const { podAnnotations } = (await valuesOf()).deployment as { podAnnotations: Values };
    assert.deepEqual(podAnnotations, {
      "linkerd.io/inject": "enabled",
      "config.linkerd.io/skip-inbound-ports": "8000,8443",
    });
  });

  it("leaves the number of its copies to the autoscaler", async () => {
    const values = await valuesOf();
    const { enabled, minReplicas, maxReplicas } = values.autoscaling as Values;
    assert.deepEqual([enabled, minReplicas, maxReplicas], [true, 3, 10]);
    assert.equal("replicas" in (values.deployment as Values), false);
  });
});
