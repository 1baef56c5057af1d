import { z } from "zod";

import { shellQuote } from "../../components/pulumi/shell-quote";
import { findResources } from "../../stack/read-stack";
import { upCommand } from "../check-declared";
import type { Context } from "../context";
import type { Check } from "../diagnose";
import { countOf, type Finding, NotVisible } from "../finding";
import { isTrue, kinds } from "../kinds";
import { findControllerPods } from "./controller";

const healthStatus = z
  .array(z.object({ listen_port: z.number(), status: z.string() }))
  .nullish()
  .transform((all) => all ?? []);
const serverTarget = z.object({
  server: z.object({ id: z.number() }).nullish(),
  health_status: healthStatus,
});

const liveLoadBalancer = z.object({
  id: z.number(),
  name: z.string(),
  public_net: z.object({
    enabled: z.boolean(),
    ipv4: z.object({ ip: z.string().nullish() }).nullish(),
  }),
  private_net: z.array(z.object({ network: z.number() })),
  services: z.array(
    z.object({
      listen_port: z.number(),
      destination_port: z.number(),
      protocol: z.string(),
      proxyprotocol: z.boolean(),
      health_check: z.object({ port: z.number(), http: z.object({ path: z.string() }).nullish() }).optional(),
    }),
  ),
  targets: z.array(
    serverTarget.extend({
      type: z.string(),
      label_selector: z.object({ selector: z.string() }).nullish(),
      targets: z.array(serverTarget).nullish(),
    }),
  ),
});
type LiveLoadBalancer = z.output<typeof liveLoadBalancer>;

const serverAnswer = z.object({ server: z.object({ name: z.string() }) });

const serviceInputs = z.object({
  listenPort: z.number(),
  destinationPort: z.number(),
  protocol: z.string(),
  proxyprotocol: z.boolean().default(false),
  healthCheck: z.object({ port: z.number(), http: z.object({ path: z.string() }).optional() }).optional(),
});
const targetInputs = z.object({ labelSelector: z.string().optional() });
const networkInputs = z.object({ networkId: z.number(), enablePublicInterface: z.boolean().default(true) });

const resourcesOf = ({ stack }: Context, type: string) => findResources(stack, `hcloud:index/${type}`);

/** Checks the load balancer, its listeners, targets and their health, and the PROXY protocol on both sides. */
export const checkLoadBalancer: Check = async (context) => {
  const found = await findLoadBalancer(context);
  const name = found.name;
  const object = `Load balancer ${name}`;
  const { live } = found;
  if (live === undefined)
    return {
      seen: [],
      findings: [
        {
          code: "load-balancer/missing",
          object,
          problem:
            "does not exist at Hetzner Cloud: no visitor reaches the cluster. A new one gets new addresses, to which the DNS records follow",
          fix: upCommand(context.stack.name),
        },
      ],
    };
  const listeners = checkListeners(context, live, object);
  const targets = await checkTargets(context, live, object);
  const findings = [
    ...checkNetwork(context, live, object),
    ...listeners,
    ...checkProxyProtocol(context, live, object),
    // A changed listener explains unhealthy targets.
    ...targets.filter(({ code }) => listeners.length === 0 || code !== "load-balancer/target-unhealthy"),
  ];
  const servers = live.targets.flatMap((target) => target.targets ?? [target]);
  const ports = live.services.map(
    ({ listen_port, destination_port }) => `${listen_port} -> ${destination_port}`,
  );
  return { seen: [`${name}: ${ports.join(", ")}, ${countOf(servers.length, "server")}`], findings };
};

const list = z.object({ load_balancers: z.array(liveLoadBalancer) });

/** The load balancer that Pulumi manages, or the one of the cloud controller manager's Service. */
async function findLoadBalancer(
  context: Context,
): Promise<{ readonly name: string; readonly live: LiveLoadBalancer | undefined }> {
  const [own] = resourcesOf(context, "loadBalancer");
  if (own !== undefined) {
    const shape = z.object({ load_balancer: liveLoadBalancer.optional() });
    const { load_balancer: live } = await context.hetzner(`/load_balancers/${own.id}`, shape, {});
    return { name: String(own.inputs.name), live };
  }
  const annotation = "load-balancer.hetzner.cloud/name";
  const services = await context.cluster.list(kinds.service);
  const name = services
    .map(({ metadata }) => metadata.annotations[annotation])
    .find((each) => each !== undefined);
  if (name === undefined) throw new NotVisible("no Service names a load balancer, and the state has none");
  const query = new URLSearchParams({ name });
  const { load_balancers: all } = await context.hetzner(`/load_balancers?${query.toString()}`, list);
  return { name, live: all[0] };
}

function checkNetwork(context: Context, live: LiveLoadBalancer, object: string): Finding[] {
  const fix = upCommand(context.stack.name);
  return resourcesOf(context, "loadBalancerNetwork").flatMap(({ inputs }) => {
    const { networkId, enablePublicInterface } = networkInputs.parse(inputs);
    const findings: Finding[] = [];
    if (!live.private_net.some(({ network }) => network === networkId))
      findings.push({
        code: "load-balancer/no-network",
        object,
        problem: `is not attached to the network ${networkId}: it cannot reach the nodes' private addresses`,
        fix,
      });
    if (enablePublicInterface && !live.public_net.enabled)
      findings.push({
        code: "load-balancer/not-public",
        object,
        problem: "has its public interface disabled: no visitor reaches it",
        fix,
      });
    return findings;
  });
}

function checkListeners(context: Context, live: LiveLoadBalancer, object: string): Finding[] {
  const fix = upCommand(context.stack.name);
  return resourcesOf(context, "loadBalancerService").flatMap(({ inputs }): Finding[] => {
    const { listenPort, destinationPort, protocol, healthCheck: wanted } = serviceInputs.parse(inputs);
    const listener = live.services.find(({ listen_port }) => listen_port === listenPort);
    if (listener === undefined)
      return [
        { code: "load-balancer/no-listener", object, problem: `does not listen on port ${listenPort}`, fix },
      ];
    const check = listener.health_check;
    const problems: string[] = [];
    if (listener.destination_port !== destinationPort || listener.protocol !== protocol)
      problems.push(
        `sends port ${listenPort} as ${listener.protocol} to port ${listener.destination_port} of the nodes instead of ${protocol} to ${destinationPort}`,
      );
    if (wanted && (check?.port !== wanted.port || check.http?.path !== wanted.http?.path))
      problems.push(
        `checks the health of port ${listenPort} at port ${check?.port}${check?.http?.path ?? ""} of the nodes instead of ${wanted.port}${wanted.http?.path ?? ""}`,
      );
    return problems.map((problem) => ({ code: "load-balancer/listener-changed", object, problem, fix }));
  });
}

/** The PROXY protocol must be on at the load balancer and at the controller, or off at both. */
function checkProxyProtocol(context: Context, live: LiveLoadBalancer, object: string): Finding[] {
  const declared = resourcesOf(context, "loadBalancerService").map(({ inputs }) =>
    serviceInputs.parse(inputs),
  );
  const findings: Finding[] = [];
  for (const { listenPort, proxyprotocol } of declared) {
    const listener = live.services.find(({ listen_port }) => listen_port === listenPort);
    if (listener !== undefined && listener.proxyprotocol !== proxyprotocol)
      findings.push({
        code: "load-balancer/proxy-protocol",
        object,
        problem: `has the PROXY protocol ${listener.proxyprotocol ? "on" : "off"} at port ${listenPort}, but the ingress controller expects it ${proxyprotocol ? "on: it refuses each connection" : "off: it takes its header for a broken request"}`,
        fix: upCommand(context.stack.name),
      });
  }
  return findings;
}

/** Whether a ready pod of the controller runs on a node decides what its health should be. */
async function checkTargets(context: Context, live: LiveLoadBalancer, object: string): Promise<Finding[]> {
  const fix = upCommand(context.stack.name);
  const findings: Finding[] = resourcesOf(context, "loadBalancerTarget").flatMap(({ inputs }): Finding[] => {
    const { labelSelector } = targetInputs.parse(inputs);
    const target = live.targets.find(({ label_selector: each }) => each?.selector === labelSelector);
    if (target === undefined)
      return [
        {
          code: "load-balancer/no-target",
          object,
          problem: `has no target for the servers with the label ${labelSelector}`,
          fix,
        },
      ];
    if ((target.targets ?? []).length > 0) return [];
    return [
      {
        code: "load-balancer/no-servers",
        object,
        problem: `finds no server with the label ${labelSelector}: it has nowhere to send a request`,
        fix: `label the cluster's servers: hcloud server add-label SERVER ${shellQuote(labelSelector ?? "")}`,
      },
    ];
  });
  const pods = await findControllerPods(context);
  const servers = live.targets.flatMap((target) => target.targets ?? [target]);
  for (const { server, health_status: health } of servers) {
    const unhealthy = health
      .filter(({ status }) => status === "unhealthy")
      .map(({ listen_port: port }) => port);
    if (unhealthy.length === 0 || !server) continue;
    // The cloud controller manager needs nodes with the names of their servers.
    const { name } = (await context.hetzner(`/servers/${server.id}`, serverAnswer)).server;
    if (pods.some((pod) => isTrue(pod.status.conditions, "Ready") && pod.spec.nodeName === name))
      findings.push({
        code: "load-balancer/target-unhealthy",
        object,
        problem: `finds the node ${name} unhealthy at port ${unhealthy.join(", ")}, although a ready pod of the ingress controller runs on it`,
        fix: `compare the node ports and the firewall: kubectl get service -A --field-selector spec.type=NodePort; hcloud firewall list`,
      });
  }
  return findings;
}
