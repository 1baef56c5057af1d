import type { AppServiceArgs } from "../../components/app-service";
import type { Values } from "../harness";

/** A policy as any other: the call graph makes the real ones. */
export const policy = { endpointSelector: { matchLabels: { app: "api" } }, ingress: [], egress: [] };

/** An app without routes. */
export const args: AppServiceArgs = {
  namespace: "production",
  image: "ghcr.io/org/api:v1.0.0",
  port: 8080,
  servicePort: 80,
  replicas: 3,
  meshed: true,
  healthPath: "/health",
  resources: { cpu: "100m", memory: "128Mi" },
  env: { LOG_LEVEL: "info" },
  policy,
  routes: [],
  ingressClassName: "traefik",
  tlsSecretName: "wildcard-tls",
};

/** What it is made of. */
export const own = [
  "kubernetes:apps/v1:Deployment api",
  "kubernetes:cilium.io/v2:CiliumNetworkPolicy api-policy",
  "kubernetes:core/v1:Service api",
  "kubernetes:core/v1:ServiceAccount api",
  "kubernetes:policy/v1:PodDisruptionBudget api",
];

/** What is inside of a resource, by keys. */
export const within = (inputs: Values, ...path: string[]) =>
  path.reduce<Values>((inside, key) => inside[key] as Values, inputs);
