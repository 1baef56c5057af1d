import { AppService, type AppServiceArgs } from "../../../components/app/app-service";
import type { ResolvedRoute } from "../../../components/ingress/route";
import { childrenOf, run, type Recorded, type Values } from "../../harness";
import { providers } from "../providers";

/** The arguments of an app with a fixed number of replicas. */
export type Fixed = Extract<AppServiceArgs, { readonly replicas: number }>;

/** The annotations of the pods of a meshed app. */
export const meshAnnotations = {
  "linkerd.io/inject": "enabled",
  "config.linkerd.io/default-inbound-policy": "deny",
};

/** An app without routes. */
export const args: Fixed = {
  namespace: "production",
  image: "ghcr.io/org/api:v1.0.0",
  port: 8080,
  servicePort: 80,
  replicas: 3,
  meshed: true,
  resources: { cpu: "100m", memory: "128Mi" },
  env: {},
  policy: { endpointSelector: { matchLabels: { app: "api" } }, ingress: [], egress: [] },
  routes: [],
  controller: "traefik",
  ingressClassName: "traefik",
  issuer: "letsencrypt-prod",
};

/** A host of it. */
export const route: ResolvedRoute = {
  host: "api.example.com",
  paths: [
    { path: "/v1", pathType: "Prefix" },
    { path: "/health", pathType: "Exact" },
  ],
  proxied: true,
  dns: "external-dns",
};

/** Makes it, changed. */
export const make = (changed: Partial<Fixed> = {}) =>
  run(() => new AppService("api", { ...args, ...changed }, { providers: providers() }));

/** What is inside, key by key. */
export const within = (inputs: Values, ...path: string[]) =>
  path.reduce<Values>((inside, key) => inside[key] as Values, inputs);

/** What an app is made of beyond one without routes. */
export const added = (resources: readonly Recorded[]): string[] =>
  childrenOf(resources, "api").filter(
    (child) => !/(Deployment|Service|ServiceAccount|PodDisruptionBudget) api$|api-policy$/.test(child),
  );

/** The logical name of its rule under Traefik. */
export const key = "api-api.example.com";
