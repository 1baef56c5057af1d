import { z } from "zod";

import { readClusterInfo } from "../components/cilium/cluster-info";
import { runPreflightChecks } from "../components/cilium/preflight-checks";
import { permissionsWarning, requiredPermissions, validateZone } from "../components/cloudflare/zone-info";
import { parseConfig, parseValue } from "../settings/parse";
import { hasFacts } from "../settings/rule";
import { UserError } from "../stack/read-stack";
import { formatErrors } from "../settings/config-error";
import type { Access } from "./context";
import { NotVisible } from "./finding";
import { statusWords } from "./print-diagnosis";

/** A requirement of the first `pulumi up`. */
export interface Requirement {
  readonly title: string;
  readonly status: "ok" | "broken" | "unseen";
  /** What was seen; or what is missing, and what to do. One line each. */
  readonly notes: readonly string[];
}

/** The lowest minor version of Kubernetes, see README.md. */
const minimumMinor = 33;

/**
 * Checks what the first `pulumi up` needs: the settings, the cluster, the Hetzner project and the Cloudflare zone. It
 * reads only.
 *
 * @throws {UserError} The settings have errors.
 */
export async function runPreflight(access: Access, stack: string): Promise<Requirement[]> {
  const { known, errors } = parseConfig(readSections(access.config));
  if (errors.length > 0 || !hasFacts(known, ["cluster", "loadBalancer", "dns", "cilium"]))
    throw new UserError(formatErrors(errors, stack));
  const { cluster, loadBalancer, dns, cilium } = known;

  const checkVersion = async () => {
    const shape = z.object({ gitVersion: z.string(), minor: z.string() });
    const { gitVersion, minor } = await access.readCluster("/version", shape);
    return Number.parseInt(minor, 10) >= minimumMinor
      ? ok(gitVersion)
      : broken(`${gitVersion} is older than v1.${minimumMinor}: upgrade k3s`);
  };
  const checkNodes = async () => {
    const info = await readClusterInfo(access.readCluster);
    const desired = { ...cilium, nodes: cluster.nodes };
    const failed = runPreflightChecks(desired, info, true);
    return failed.length === 0
      ? ok(`${info.nodes.length} nodes`)
      : broken(...failed.map(({ message }) => message));
  };
  const checkServers = async () => {
    const { labelSelector } = loadBalancer;
    const networkId = "networkId" in loadBalancer ? loadBalancer.networkId : undefined;
    if (labelSelector === undefined) return ok("the cloud controller manager finds the servers");
    const query = new URLSearchParams({ label_selector: labelSelector });
    const { servers } = await access.hetzner(`/servers?${query.toString()}`, serverList);
    const outside = servers.filter(
      ({ private_net: all }) => networkId !== undefined && !all.some(({ network }) => network === networkId),
    );
    if (servers.length === 0)
      return broken(
        `no server has the label ${labelSelector}: hcloud server add-label SERVER ${labelSelector}`,
      );
    if (outside.length > 0)
      return broken(
        `${outside.map(({ name }) => name).join(", ")} not in the network ${networkId}: hcloud server attach-to-network SERVER --network ${networkId}`,
      );
    return ok(servers.map(({ name }) => name).join(", "));
  };
  const checkName = async () => {
    const query = new URLSearchParams({ name: loadBalancer.name });
    const { load_balancers: taken } = await access.hetzner(
      `/load_balancers?${query.toString()}`,
      balancerList,
    );
    return taken.length === 0
      ? ok(`${loadBalancer.name} is free`)
      : broken(
          `${loadBalancer.name} exists already: choose another loadBalancer.name, or import it (docs/operations.md)`,
        );
  };
  const checkZone = async () => {
    const { result } = await access.cloudflare(`/zones/${dns.zoneId}`, zoneAnswer);
    const requirements = {
      zone: dns.zone,
      zoneId: dns.zoneId,
      plan: dns.plan,
      permissions: requiredPermissions({ edge: known.edge, waf: known.waf, originLock: known.originLock }),
    };
    const zone = {
      name: result.name,
      plan: { legacyId: result.plan.legacy_id },
      permissions: result.permissions,
    };
    const warning = permissionsWarning(requirements, zone);
    const problems = [...validateZone(requirements, zone), ...(warning === undefined ? [] : [warning])];
    if (result.status !== "active")
      problems.push(
        `${dns.zone} has the status ${result.status}: at the registrar, set the name servers ${result.name_servers.join(" and ")}`,
      );
    return problems.length === 0 ? ok(`${result.name}, plan ${result.plan.legacy_id}`) : broken(...problems);
  };

  return Promise.all([
    check("Kubernetes version", checkVersion),
    check("Nodes, k3s and Cilium", checkNodes),
    check("Hetzner servers", checkServers),
    check("Load balancer's name", checkName),
    check("Cloudflare zone and token", checkZone),
  ]);
}

type Outcome = Pick<Requirement, "status" | "notes">;

const ok = (...notes: readonly string[]): Outcome => ({ status: "ok", notes });
const broken = (...notes: readonly string[]): Outcome => ({ status: "broken", notes });

async function check(title: string, run: () => Promise<Outcome>): Promise<Requirement> {
  try {
    return { title, ...(await run()) };
  } catch (error) {
    if (!(error instanceof NotVisible)) throw error;
    return { title, status: "unseen", notes: [error.message] };
  }
}

const serverList = z.object({
  servers: z.array(
    z.object({ name: z.string(), private_net: z.array(z.object({ network: z.number() })).default([]) }),
  ),
});
const balancerList = z.object({ load_balancers: z.array(z.object({ name: z.string() })) });
const zoneAnswer = z.object({
  result: z.object({
    name: z.string(),
    status: z.string().default("active"),
    name_servers: z.array(z.string()).default([]),
    plan: z.object({ legacy_id: z.string().default("free") }).prefault({}),
    permissions: z.array(z.string()).default([]),
  }),
});

/** The project's own sections, parsed. */
const readSections = (config: Readonly<Record<string, string>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(config)
      .filter(([key]) => !/^(pulumi|hcloud|cloudflare|kubernetes):/.test(key) && !/Token$/.test(key))
      .map(([key, text]) => [key.slice(key.indexOf(":") + 1), text] as const)
      .map(([name, text]) => [name, parseValue(name, text)]),
  );

/** The requirements as text for a terminal. */
export const formatRequirements = (requirements: readonly Requirement[]): string =>
  requirements
    .map(({ title, status, notes }) => {
      const [first = "", ...others] = notes;
      return [
        `  ${statusWords[status].padEnd(8)}  ${title.padEnd(26)}  ${first}`,
        ...others.map((note) => `${" ".repeat(40)}${note}`),
      ].join("\n");
    })
    .join("\n");
