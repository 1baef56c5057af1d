import { changed, stackConfig, type StackConfig } from "../../tests/config";

/** An app as most are: one port, one host, the app before it as its callee. */
const app = (index: number) => ({
  image: `ghcr.io/org/app-${index}:v1.0.0`,
  port: 8080,
  healthPath: "/health",
  ...(index > 0 && { calls: [`app-${index - 1}`] }),
  routes: [{ host: `app-${index}.example.com`, rateLimit: { requests: 100, period: "1m" } }],
});

/** The prod stack with this number of apps in place of its own. */
export const manyApps = (count: number): StackConfig => ({
  ...changed(stackConfig("prod"), { "dns.plan": "enterprise" }),
  "platform-networking:apps": Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`app-${index}`, app(index)]),
  ),
});
