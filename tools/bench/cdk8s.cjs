// Usage: cdk8s.cjs FOLDER APPS. The Kubernetes objects of this number of apps with cdk8s-plus, which is installed in FOLDER: what
// it has classes for by these, custom resources by ApiObject. It writes YAML, and registers nothing.
"use strict";

const [, , folder, apps] = process.argv;
const { createRequire } = require("node:module");
const load = createRequire(require("node:path").join(folder, "index.js"));
const { ApiObject, App, Chart, Size } = load("cdk8s");
const { Cpu, Deployment, Ingress, IngressBackend, Probe, Service, ServiceAccount, k8s } =
  load("cdk8s-plus-33");

const app = new App();
const chart = new Chart(app, "apps", { namespace: "production" });
for (let index = 0; index < Number(apps); index += 1) {
  const name = `app-${index}`;
  const metadata = { name };
  const serviceAccount = new ServiceAccount(chart, `${name}-account`, { metadata });
  const deployment = new Deployment(chart, name, { metadata, replicas: 2, serviceAccount });
  deployment.addContainer({
    image: `ghcr.io/org/${name}:v1.0.0`,
    portNumber: 8080,
    readiness: Probe.fromHttpGet("/health"),
    liveness: Probe.fromHttpGet("/health"),
    resources: {
      cpu: { request: Cpu.millis(50) },
      memory: { request: Size.mebibytes(64), limit: Size.mebibytes(128) },
    },
    securityContext: { ensureNonRoot: true, readOnlyRootFilesystem: true, user: 1000 },
  });
  const service = new Service(chart, `${name}-service`, {
    metadata,
    selector: deployment,
    ports: [{ port: 8080 }],
  });
  const ingress = new Ingress(chart, `${name}-ingress`, { metadata });
  ingress.addHostRule(`${name}.example.com`, "/", IngressBackend.fromService(service, { port: 8080 }));
  const selector = { matchLabels: { app: name } };
  new k8s.KubePodDisruptionBudget(chart, `${name}-budget`, {
    metadata,
    spec: { minAvailable: k8s.IntOrString.fromNumber(1), selector },
  });
  const custom = {
    "cilium.io/v2/CiliumNetworkPolicy": [`${name}-policy`, `${name}-policy-traefik`],
    "policy.linkerd.io/v1beta3/Server": [`${name}-8080`],
    "policy.linkerd.io/v1alpha1/MeshTLSAuthentication": [`${name}-callers`, `${name}-ingress`],
    "policy.linkerd.io/v1alpha1/AuthorizationPolicy": [`${name}-8080-callers`, `${name}-8080-ingress`],
    "traefik.io/v1alpha1/Middleware": [`${name}-rate-limit`],
  };
  for (const [type, names] of Object.entries(custom))
    for (const each of names) {
      const [group, version, kind] = type.split("/");
      const object = {
        apiVersion: `${group}/${version}`,
        kind,
        metadata: { name: each },
        spec: { selector },
      };
      new ApiObject(chart, `${each}-${kind}`, object);
    }
}
app.synthYaml();
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
const cost = {
  resources: 13 * Number(apps),
  cpu: (userCPUTime + systemCPUTime) / 1e6,
  memory: maxRSS / 1024,
};
process.stdout.write(JSON.stringify(cost));
