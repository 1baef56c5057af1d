import { setTimeout as delay } from "node:timers/promises";

import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";

import { toHetznerHealthCheck, type HealthCheck } from "./health-check";
import { hook, resolveInput, type Sleep } from "../pulumi/hooks";

/** One more port that the load balancer listens on. */
export interface ExtraService {
  /** Tells it from the others of this load balancer. */
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
  /** Hetzner's id of the load balancer. */
  readonly loadBalancerId: pulumi.Input<string>;
  /** The node ports the ingress controller listens on. A change is made in place: new connections move, none is refused. */
  readonly nodePorts: pulumi.Input<{ readonly http: number; readonly https: number }>;
  /** Whether connections to the ingress start with a PROXY protocol header; it must be told the same. */
  readonly proxyProtocol: boolean;
  /** Of 80 and 443, each at its own node port unless a port is said. */
  readonly healthCheck: HealthCheck;
  /** Beside 80 and 443. */
  readonly services: readonly ExtraService[];
}

/**
 * What the load balancer listens on: TCP 80 and 443 to the ingress, whose TLS passes through untouched, and what else
 * the settings name. A target that does not answer leaves the rotation.
 *
 * Apart from the load balancer itself, so that they can move to another controller when that one is ready. Once they
 * were its own children: with its name, these are still the same to Pulumi.
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
    const hooks = { beforeUpdate: [waitForRouteSync(name)] };
    const toIngress = { protocol: "tcp", proxyProtocol, healthCheck, hooks } as const;
    const all = [
      { name: "http", listenPort: 80, destinationPort: nodePorts.http, ...toIngress },
      { name: "https", listenPort: 443, destinationPort: nodePorts.https, ...toIngress },
      ...services,
    ];
    for (const { name: role, protocol, listenPort, destinationPort, ...each } of all)
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
        // A second service on one port is refused while the first is there.
        {
          parent: this,
          deleteBeforeReplace: true,
          aliases: [{ parent: formerParent(name) }],
          ...("hooks" in each && { hooks: each.hooks }),
        },
      );

    this.listenPorts = all.map(({ listenPort }) => listenPort).sort((one, other) => one - other);
    this.registerOutputs({ listenPorts: this.listenPorts });
  }
}

/** Traefik gathers changes for 2 s before it follows them (`providersThrottleDuration`). */
const readSeconds = 5;

/**
 * Before a service turns to another controller: waits until that has read the last of its rules. That an HTTPRoute is
 * there says nothing of whether anybody routes by it.
 *
 * @param name Unique in the stack.
 */
export const waitForRouteSync = (name: string, sleep: Sleep = delay): pulumi.ResourceHook =>
  hook(`${name}-until-read`, async ({ oldInputs = {}, newInputs = {} }) => {
    if ((await destinationOf(oldInputs)) !== (await destinationOf(newInputs)))
      await sleep(readSeconds * 1000);
  });

const destinationOf = ({ destinationPort }: { readonly destinationPort?: pulumi.Input<number> }) =>
  resolveInput(destinationPort);

const formerParent = (name: string): pulumi.Output<string> =>
  pulumi.createUrn(name, "platform:networking:HetznerLoadBalancer");
