import { calleesOf, portsOf, type GraphApp } from "./call-graph";
import type { Endpoint } from "./network-rules";

/** One way that is open: what stands in no row is dropped. */
export interface Reach {
  /** An app by its name, one of another namespace as `<namespace>/<name>`, or `outside` for everybody. */
  readonly from: string;
  /** Likewise; or a name or range outside of the cluster. */
  readonly to: string;
  /** Those of the pods, not of the Service in front of them. */
  readonly ports: readonly number[];
  readonly protocol: "TCP" | "UDP";
  /** Whether there is a proxy of the mesh at both ends: encrypted, and each knows who the other is. */
  readonly meshed: boolean;
}

const outside = "outside";

/**
 * Who reaches whom, as the policies have it, but for what every pod needs to live: DNS, probes, the mesh's own. In the
 * order of the names.
 *
 * @param ingress The pods of every ingress controller there may be. They are meshed.
 */
export function reachability(apps: readonly GraphApp[], ingress: readonly Endpoint[]): Reach[] {
  const rows = apps.flatMap((app) => [...into(app, ingress), ...outOf(app, apps)]);
  return rows.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

const key = ({ from, to, ports, protocol }: Reach): string => [from, to, protocol, ...ports].join(" ");

const nameOf = ({ name, namespace }: GraphApp): string =>
  namespace === undefined ? name : `${namespace}/${name}`;

function into(app: GraphApp, ingress: readonly Endpoint[]): Reach[] {
  const [to, protocol] = [nameOf(app), "TCP" as const];
  const routed = app.routes.length > 0 ? ingress : [];
  return [
    ...routed.map(({ namespace, app: controller }) => {
      const from = `${namespace}/${controller}`;
      return { from, to, ports: [app.port], protocol, meshed: app.meshed };
    }),
    ...(app.exposed === true ? [{ from: outside, to, ports: portsOf(app), protocol, meshed: false }] : []),
  ];
}

function outOf(app: GraphApp, apps: readonly GraphApp[]): Reach[] {
  if (app.external !== undefined) return [];
  const from = nameOf(app);
  return [
    ...calleesOf(app, apps).map((callee) => ({
      from,
      to: nameOf(callee),
      ports: portsOf(callee),
      protocol: "TCP" as const,
      meshed: app.meshed && callee.meshed && callee.external === undefined,
    })),
    ...(app.egress ?? []).map(({ ports, protocol, ...target }) => {
      const to = "host" in target ? target.host : target.cidr;
      return { from, to, ports, protocol, meshed: false };
    }),
  ];
}
