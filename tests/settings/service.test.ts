import { rejects, rejectsUnder, accepts, type Changes } from "./configurations";

const image = "ghcr.io/org/app:v1.0.0";

/** An app without a route, whose Service is so. */
const served = (service: unknown, more: object = {}): Changes => ({
  "apps.other": { image, port: 3000, service, ...more },
});

const balanced = (given: object) =>
  served({ type: "LoadBalancer", loadBalancer: { name: "other", location: "fsn1", ...given } });
const lb = "apps.other.service.loadBalancer";

describe("invalid Services of apps", () => {
  rejectsUnder("apps.other.service", {
    'affinity: got {"seconds":3600}, want none: callers of a headless Service select a pod themselves':
      served({ type: "Headless", affinity: { seconds: 3600 } }),
    "affinity: got {}, want none: an ExternalName Service has no pods": served(
      { type: "ExternalName", externalName: "db.example.org", affinity: {} },
      { image: undefined },
    ),
  });
  rejects({
    "apps.admin.routes: cannot be combined with service.type Headless, which has no address for the ingress; want type: ClusterIP":
      { "apps.admin.service": { type: "Headless" } },
    "apps.admin.routes.0.port: is missing with protocol: tcp, since the ingress speaks HTTP; want protocol: http or grpc":
      { "apps.admin.protocol": "tcp" },
    "apps.other.servicePort: got 80 with service.type Headless, which maps no ports; want 3000, as port, or none":
      served({ type: "Headless" }, { servicePort: 80 }),
    "apps.other.servicePort: got 80 with service.type ExternalName, which maps no ports; want 443, as port, or none":
      served(
        { type: "ExternalName", externalName: "db.example.org" },
        { image: undefined, port: 443, servicePort: 80 },
      ),
  });
  accepts([
    served({}),
    served({ type: "Headless" }, { servicePort: 3000 }),
    served({ type: "ExternalName", externalName: "db.example.org" }, { image: undefined }),
    served({ type: "NodePort", affinity: {} }, { servicePort: 80 }),
    { "apps.admin.protocol": "grpc" },
    { "apps.admin.service": { type: "NodePort" } },
  ]);
});

describe("invalid load balancers of apps", () => {
  rejectsUnder(lb, {
    ": got neither, set exactly one of location and networkZone": balanced({ location: undefined }),
    ": got both, set exactly one of location and networkZone": balanced({ networkZone: "eu-central" }),
    "name: got k3s-lb, the name of loadBalancer already; want another, or the manager would take that one over":
      balanced({ name: "k3s-lb" }),
    "name: got other, the name of the app admin already; want another, or the manager would take that one over":
      {
        ...balanced({}),
        "apps.admin.service": { type: "LoadBalancer", loadBalancer: { name: "other", location: "nbg1" } },
      },
    "http: cannot be combined with protocol: tcp, want protocol: http or https": balanced({
      http: { stickySessions: true },
    }),
    "http.certificates: is missing with protocol: https, want uploaded or managed certificates": balanced({
      protocol: "https",
    }),
    "http.certificates.uploaded: got [], want at least one": balanced({
      protocol: "https",
      http: { certificates: { uploaded: [] } },
    }),
    'http.certificates: got {"letsencrypt":true}, want uploaded with ids or names of certificates, or managed with domains':
      balanced({ protocol: "https", http: { certificates: { letsencrypt: true } } }),
    "healthCheck.timeoutSeconds: got 6, want at most intervalSeconds, 5": balanced({
      healthCheck: { intervalSeconds: 5, timeoutSeconds: 6 },
    }),
    "healthCheck.timeoutSeconds: got 16, want at most intervalSeconds, 15": balanced({
      healthCheck: { timeoutSeconds: 16 },
    }),
  });
  rejects([
    ...(["path", "domain", "statusCodes", "validateCertificate"] as const).map((key) => {
      const value = { path: "/", domain: "a.example.com", statusCodes: ["200"], validateCertificate: true }[
        key
      ];
      return [
        balanced({ healthCheck: { [key]: value } }),
        `${lb}.healthCheck.${key}: cannot be combined with protocol: tcp, want protocol: http or https`,
      ] as const;
    }),
  ]);
  accepts([
    balanced({}),
    balanced({ location: undefined, networkZone: "eu-central" }),
    balanced({ healthCheck: { intervalSeconds: 5, timeoutSeconds: 5 } }),
    balanced({ healthCheck: { timeoutSeconds: 15, protocol: "http", path: "/up", statusCodes: ["2??"] } }),
    balanced({ protocol: "https", http: { certificates: { uploaded: [1, "a"] }, redirectHttp: true } }),
    balanced({ protocol: "https", http: { certificates: { managed: { domains: ["a.example.com"] } } } }),
  ]);
});
