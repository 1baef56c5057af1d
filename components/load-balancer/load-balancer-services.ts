import { setTimeout as delay } from "node:timers/promises";

import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";

import { errorHook, hook, resolveInput, type Sleep } from "../pulumi/hooks";
import { importCommand } from "../pulumi/import-existing";
import { toHetznerHealthCheck, type HealthCheck } from "./health-check";

/** An additional port that the load balancer listens on. */
export interface ExtraService {
  /** Unique among the services of this load balancer. */
  readonly name: string;
  readonly protocol: "tcp" | "http";
  readonly listenPort: number;
  /** The port on the targets. */
  readonly destinationPort: number;
  /** Whether each connection starts with a PROXY protocol header. */
  readonly proxyProtocol: boolean;
  readonly healthCheck: HealthCheck;
}

export interface LoadBalancerServicesArgs {
  /** The load balancer's ID at Hetzner. */
  readonly loadBalancerId: pulumi.Input<string>;
  /** The ingress controller's node ports. A change is in place: new connections use the new ports, none is refused. */
  readonly nodePorts: pulumi.Input<{ readonly http: number; readonly https: number }>;
  /** Whether connections to the ingress start with a PROXY protocol header; must match the ingress controller. */
  readonly proxyProtocol: boolean;
  /** The health check of 80 and 443, by default at each one's node port. */
  readonly healthCheck: HealthCheck;
  /** Services in addition to 80 and 443. */
  readonly services: readonly ExtraService[];
}

/**
 * The load balancer's services: TCP 80 and 443 to the ingress, with TLS passed through, and those in the settings. They
 * are separate from the load balancer so that they can switch to another controller once it is ready.
 *
 * @see https://docs.hetzner.cloud/reference/cloud#load-balancer-actions
 */
export class LoadBalancerServices extends pulumi.ComponentResource {
  /** The ports, in ascending order. */
  readonly listenPorts: readonly number[];

  constructor(name: string, args: LoadBalancerServicesArgs, opts?: pulumi.ComponentResourceOptions) {
    const { loadBalancerId, proxyProtocol, healthCheck, services } = args;
    super("platform:networking:LoadBalancerServices", name, {}, opts);

    const nodePorts = pulumi.output(args.nodePorts);
    const onError = [explainPortInUse(name)];
    const ingressHooks = { beforeUpdate: [waitForRouteSync(name)], onError };
    const toIngress = { protocol: "tcp", proxyProtocol, healthCheck, hooks: ingressHooks } as const;
    const all = [
      { name: "http", listenPort: 80, destinationPort: nodePorts.http, ...toIngress },
      { name: "https", listenPort: 443, destinationPort: nodePorts.https, ...toIngress },
      ...services.map((each) => ({ ...each, hooks: { onError } })),
    ];
    for (const { name: role, protocol, listenPort, destinationPort, hooks, ...each } of all)
      new hcloud.LoadBalancerService(
        `${name}-${role}`,
        {
          loadBalancerId,
          protocol,
          listenPort,
          destinationPort,
          proxyprotocol: each.proxyProtocol,
          healthCheck: toHetznerHealthCheck(each.healthCheck, destinationPort),
        },
        // Hetzner refuses a second service on a port.
        { parent: this, deleteBeforeReplace: true, hooks },
      );

    this.listenPorts = all.map(({ listenPort }) => listenPort).sort((one, other) => one - other);
    this.registerOutputs({ listenPorts: this.listenPorts });
  }
}

/**
 * When Hetzner refuses a service because its port has one already, logs the import command. A service is missing in the
 * state after a run that was interrupted, or a refresh during an API error.
 *
 * @param name Unique in the stack.
 */
const explainPortInUse = (name: string): pulumi.ErrorHook =>
  errorHook(`${name}-explain-port-in-use`, async ({ name: resource, newInputs, errors }) => {
    if (!errors[0]?.includes("source_port_already_used")) return false;
    const { loadBalancerId, listenPort } = newInputs as { loadBalancerId: string; listenPort: number };
    const importId = `${loadBalancerId}__${listenPort}`;
    await pulumi.log.error(
      `${resource}: port ${listenPort} of the load balancer already has a service that is not in the stack's state, created ` +
        `by an interrupted run or by hand. Import it: ${importCommand(resource, importId)}`,
    );
    return false;
  });

/** Traefik collects changes for 2 s before it applies them (`providersThrottleDuration`). */
const routeSyncSeconds = 5;

/**
 * Waits for the new controller to sync its routes before a service switches to it: Kubernetes does not report when a
 * route is live.
 *
 * @param name Unique in the stack.
 */
export const waitForRouteSync = (name: string, sleep: Sleep = delay): pulumi.ResourceHook =>
  hook(`${name}-wait-for-route-sync`, async ({ oldInputs = {}, newInputs = {} }) => {
    if ((await destinationPort(oldInputs)) !== (await destinationPort(newInputs)))
      await sleep(routeSyncSeconds * 1000);
  });

const destinationPort = (inputs: { readonly destinationPort?: pulumi.Input<number> }) =>
  resolveInput(inputs.destinationPort);
