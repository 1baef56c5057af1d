import * as assert from "node:assert/strict";

import { parse } from "yaml";

import { AppService } from "../../../components/app/app-service";
import { changed } from "../../config";
import { find, run, type Values } from "../../harness";
import { prod, read } from "../../settings/configurations";
import { providers } from "../providers";

/** What the apps of the stack in `production` become, from their settings as one writes them. */
async function madeOf(apps: string) {
  const settings = await read(changed(prod, { apps: parse(apps) as unknown }));
  const { resources } = await run(() => {
    const opts = { providers: providers() };
    return settings.apps.map(
      (app) =>
        new AppService(
          app.name,
          {
            ...app,
            namespace: settings.namespace,
            policy: undefined,
            controller: "traefik",
            ingressClassName: "traefik",
            issuer: settings.certificates.issuer,
          },
          opts,
        ),
    );
  });
  return resources;
}

describe("the document's meshed Deployment, as settings", () => {
  const settings = `
    api-gateway:
      image: ghcr.io/org/api:v1.0.0
      port: 8080
  `;
  const its = async () => {
    const { inputs } = find(await madeOf(settings), ":Deployment", "api-gateway");
    const { metadata, spec } = inputs as { metadata: Values; spec: { template: Values } };
    const { metadata: podMetadata, spec: pod } = spec.template as { metadata: Values; spec: Values };
    return { inputs, metadata, podMetadata, container: (pod.containers as [Values])[0] };
  };

  it("is a Deployment of that name", async () => {
    const { inputs, metadata } = await its();
    assert.deepEqual([inputs.apiVersion, inputs.kind], ["apps/v1", "Deployment"]);
    assert.deepEqual([metadata.name, metadata.namespace], ["api-gateway", "production"]);
  });

  it("asks for the sidecar on the pod, and not on the Deployment, where it would do nothing", async () => {
    const { metadata, podMetadata } = await its();
    assert.deepEqual(podMetadata.annotations, { "linkerd.io/inject": "enabled" });
    assert.equal("annotations" in metadata, false);
  });

  it("runs the document's image, which listens on its port", async () => {
    const { container } = await its();
    assert.equal(container.image, "ghcr.io/org/api:v1.0.0");
    assert.deepEqual(
      (container.ports as Values[]).map(({ containerPort }) => containerPort),
      [8080],
    );
  });
});

describe("the document's Service with affinity, as settings", () => {
  const settings = `
    api-gateway:
      image: ghcr.io/org/api:v1.0.0
      port: 8080
      service: { affinity: { seconds: 3600 } }
  `;

  it("is that Service, with the time where Kubernetes reads it, and not in an annotation", async () => {
    const { inputs } = find(await madeOf(settings), ":Service", "api-gateway");
    assert.deepEqual(inputs, {
      apiVersion: "v1",
      kind: "Service",
      metadata: {
        name: "api-gateway",
        namespace: "production",
        labels: { app: "api-gateway", "app.kubernetes.io/name": "api-gateway" },
      },
      spec: {
        type: "ClusterIP",
        selector: { app: "api-gateway" },
        ports: [{ name: "http", port: 8080, targetPort: 8080, protocol: "TCP", appProtocol: "http" }],
        sessionAffinity: "ClientIP",
        sessionAffinityConfig: { clientIP: { timeoutSeconds: 3600 } },
      },
    });
  });
});

describe("the document's types of Services, as settings", () => {
  const settings = `
    internal: { image: "x:1", port: 8080 }
    development: { image: "x:1", port: 8080, service: { type: NodePort, nodePort: 30090 } }
    production:
      image: x:1
      port: 8080
      service:
        type: LoadBalancer
        loadBalancer:
          name: k3s-app
          location: fsn1
          healthCheck: { intervalSeconds: 5, timeoutSeconds: 3 }
    legacy: { port: 443, service: { type: ExternalName, externalName: legacy.example.org } }
  `;

  it("are each one word", async () => {
    const resources = await madeOf(settings);
    const types = ["internal", "development", "production", "legacy"].map((name) => {
      const { spec } = find(resources, ":Service", name).inputs as { spec: Values };
      const { nodePort } = (spec.ports as [Values])[0];
      return [name, spec.type, ...[nodePort, spec.externalName].filter((each) => each !== undefined)];
    });
    assert.deepEqual(types, [
      ["internal", "ClusterIP"],
      ["development", "NodePort", 30090],
      ["production", "LoadBalancer"],
      ["legacy", "ExternalName", "legacy.example.org"],
    ]);
  });

  it("say to Hetzner what the document says, in durations that it reads", async () => {
    const { metadata } = find(await madeOf(settings), ":Service", "production").inputs;
    const { annotations } = metadata as { annotations: Values };
    const { "pulumi.com/skipAwait": skipped, ...rest } = annotations;
    assert.equal(skipped, "true");
    const hetzner = Object.fromEntries(
      Object.entries(rest).map(([key, each]) => [key.replace("load-balancer.hetzner.cloud/", ""), each]),
    );
    assert.deepEqual(hetzner, {
      name: "k3s-app",
      type: "lb11",
      location: "fsn1",
      "algorithm-type": "round_robin",
      "use-private-ip": "true",
      "disable-private-ingress": "true",
      "disable-public-network": "false",
      "ipv6-disabled": "false",
      "uses-proxyprotocol": "false",
      protocol: "tcp",
      "health-check-protocol": "tcp",
      "health-check-interval": "5s",
      "health-check-timeout": "3s",
    });
  });
});
