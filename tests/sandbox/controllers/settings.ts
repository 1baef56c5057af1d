import { settingsOf, type Settings } from "../start";

/** Every word that all controllers have, on one host. */
const words = {
  rateLimit: { requests: 60, period: "1m" },
  cors: { origins: ["https://example.com"] },
  basicAuth: { users: ["admin"] },
  maxBodySize: "10Mi",
  timeouts: { requestSeconds: 30 },
  allowFrom: ["203.0.113.0/24"],
  headers: { response: { set: { "X-Frame-Options": "DENY" } } },
};

/** Changes to the settings of prod for a stack with this controller. */
export function withController(controller: string): Settings {
  const apps = settingsOf("prod", "apps") as Readonly<
    Record<string, { readonly routes?: readonly object[] }>
  >;
  return {
    // Short, since there are no connections to drain here.
    ingress: { controller, keepAliveSeconds: 10 },
    certificates: { ...settingsOf("prod", "certificates"), alerts: true },
    // Traefik cannot ask for a client certificate on a Gateway, and nginx knows no list of edges.
    originLock: { clientCertificate: controller !== "gateway" },
    apps: { ...apps, admin: { ...apps.admin, routes: [{ ...apps.admin?.routes?.[0], ...words }] } },
  };
}
