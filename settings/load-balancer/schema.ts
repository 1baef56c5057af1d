import { isIP } from "node:net";

import { z } from "zod";

import type { HealthCheck } from "../../components/load-balancer/health-check";
import type { ExtraService } from "../../components/load-balancer/load-balancer-services";
import { addErrors, type ConfigError } from "../config-error";
import { isPrivateIpv4, toCanonical } from "../formats/addresses";
import { networkRange } from "../formats/ip-ranges";
import { hostName, integer, label, pattern, port } from "../formats/names";
import { isSet, optionalSection } from "../formats/optional-section";

/** A port that every node has. */
export const nodePort = integer(30000, 32767);

const address = z
  .string()
  .overwrite(toCanonical)
  .refine((text) => isIP(text) !== 0 && !text.includes("%"), {
    error: "an IP address, such as 203.0.113.10",
  });

const labelValue = "[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?";
const prefix =
  "(?!hetzner\\.cloud/)(?=[^/]{1,253}/)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/";

/** @see https://docs.hetzner.cloud/reference/cloud#labels */
const labels = z.record(
  pattern(
    new RegExp(`^(${prefix})?${labelValue}$`),
    "letters, digits, dashes, dots and underscores, 63 at most, a letter or digit at both ends, " +
      "and before it a domain with a slash if there is one, except hetzner.cloud/",
  ),
  pattern(
    new RegExp(`^(${labelValue})?$`),
    "letters, digits, dashes, dots and underscores, 63 at most, a letter or digit at both ends",
  ),
);

/** The timing of health checks, in seconds. The default timeout is ten seconds, or the interval if that is less. */
const timing = {
  /** Seconds between two health checks. */
  intervalSeconds: integer(3, 60).default(15),
  /** Seconds until a health check has failed. Default: 10, or `intervalSeconds` if that is less. */
  timeoutSeconds: integer(1, 60).optional(),
  /** Failed checks in a row until a target leaves the rotation. */
  retries: integer(1, 5).default(3),
};

const withTimeout = <T extends { intervalSeconds: number; timeoutSeconds?: number | undefined }>(
  check: T,
) => ({
  ...check,
  timeoutSeconds: check.timeoutSeconds ?? Math.min(10, check.intervalSeconds),
});

const path = pattern(/^\/\S*$/, "a path, such as /health");

const statusCode = pattern(
  /^([1-5?][0-9?]{2}|(?=[^*]*\*)[1-5?*][0-9?*]{0,2})$/,
  "a status code, such as 200 or 2??, where ? stands for one digit and * for several",
);
const statusCodes = z.array(statusCode).min(1).optional();

const healthCheck = z
  .strictObject({
    /** `tcp` only opens the port; `http` sends a request. */
    protocol: z.enum(["tcp", "http"]).default("tcp"),
    /** The port of the check. Default: the service's target port. */
    port: port.optional(),
    ...timing,
    /** For the protocol `http` only. */
    http: z
      .strictObject({
        /** The path of the request. Default: Hetzner's own, `/`. */
        path: path.optional(),
        /** The Host header. */
        domain: hostName.optional(),
        /** The status codes of a healthy response. Default: Hetzner's own, `2??` and `3??`. */
        statusCodes,
        /** A text that the body must contain. */
        response: z.string().min(1).optional(),
        /** Whether the request uses TLS. Default: false. */
        tls: z.boolean().optional(),
      })
      .optional(),
  })
  .transform(withTimeout) satisfies z.ZodType<HealthCheck>;

/**
 * The protocols of a service of a load balancer, the first by default.
 *
 * @see https://docs.hetzner.com/cloud/load-balancers/overview
 */
export const carried = <const T extends readonly string[]>(protocols: T) =>
  z
    .enum(protocols, {
      error: ({ input }) =>
        typeof input === "string" && /^udp$/i.test(input)
          ? `${protocols.join(" or ")}: Hetzner load balancers do not support UDP`
          : undefined,
    })
    .default("tcp");

const service = z.strictObject({
  /** The name of the service, unique in the load balancer. */
  name: label,
  /** The protocol of the service. */
  protocol: carried(["tcp", "http"]),
  /** The public port of the load balancer. */
  listenPort: port,
  /** The port on the targets. */
  destinationPort: port,
  /**
   * Whether the service sends a PROXY protocol header. A service for a node port of the ingress controller must
   * equal `loadBalancer.proxyProtocol`.
   */
  proxyProtocol: z.boolean().default(false),
  /** The health check of the service. */
  healthCheck: healthCheck.prefault({}),
}) satisfies z.ZodType<ExtraService>;

/** Exactly one of the two: see {@link parseLocation}. */
export const locations = {
  /**
   * The location of the load balancer. Set exactly one of `location` and `networkZone`.
   *
   * @change Replaces the load balancer, which loses its addresses: refused unless `allowReplacement` has its
   * name.
   */
  location: z.enum(["fsn1", "nbg1", "hel1", "ash", "hil", "sin"]).optional(),
  /**
   * The network zone of the load balancer, in which Hetzner chooses the location. Set exactly one of `location`
   * and `networkZone`.
   *
   * @change Replaces the load balancer, as `location` does.
   */
  networkZone: z.enum(["eu-central", "us-east", "us-west", "ap-southeast"]).optional(),
};

/** The location of a load balancer, or its network zone. */
export type Location = { readonly location: string } | { readonly networkZone: string };

/** Parses `location` and `networkZone`; undefined, with an error in `errors`, unless exactly one is set. */
export function parseLocation(
  { location, networkZone }: { readonly location?: string; readonly networkZone?: string },
  errors: ConfigError[],
): Location | undefined {
  if (location !== undefined && networkZone === undefined) return { location };
  if (networkZone !== undefined && location === undefined) return { networkZone };
  const got = location === undefined ? "neither" : "both";
  errors.push({ path: "", message: `got ${got}, set exactly one of location and networkZone` });
  return undefined;
}

export const balancerType = z.enum(["lb11", "lb21", "lb31"]).default("lb11");
export const algorithm = z.enum(["round_robin", "least_connections"]).default("round_robin");
export const privateIp = z
  .string()
  .refine(isPrivateIpv4, { error: "a private IPv4 address, such as 10.0.0.2" })
  .optional();

/** The health check of the cloud controller manager's load balancer. Unset keys have Hetzner's defaults. */
export const ccmHealthCheck = {
  /** The protocol of the health check. */
  protocol: z.enum(["tcp", "http", "https"]).default("tcp"),
  /** The port of the check. Default: the node port of each service. */
  port: port.optional(),
  /** The path of the request, for `http` and `https`. */
  path: path.optional(),
  /** The Host header of the request, for `http` and `https`. */
  domain: hostName.optional(),
  /** The status codes of a healthy response, for `http` and `https`. */
  statusCodes,
  /** Whether the target's certificate is verified, for `https`. */
  validateCertificate: z.boolean().optional(),
};

/** Settings for `managedBy: ccm` only. */
const ccm = z.strictObject({
  /** The Kubernetes labels of the nodes that are targets. Default: all nodes. */
  nodeSelector: z.string().min(1).optional(),
  /** The subnet of the manager's network in which `privateIp` is. */
  subnet: networkRange.optional(),
  /** The health check, in addition to the timing in `loadBalancer.healthCheck`. */
  healthCheck: z.strictObject(ccmHealthCheck).optional(),
});

const allSettings = z.strictObject({
  /** The creator of the load balancer: this program, or Hetzner's cloud controller manager for a Service of this program. */
  managedBy: z.enum(["pulumi", "ccm"]).default("pulumi"),
  /** Its name at Hetzner, unique in the project. */
  name: label,
  /**
   * The load balancer's type. Each has a limit of services and targets; more are refused.
   *
   * @change In place, without an interruption.
   */
  type: balancerType,
  ...locations,
  /** How connections are distributed among the targets. */
  algorithm,
  /** The ID of the nodes' private network: `hcloud network list`. The manager has it in its own settings. */
  networkId: z.int().positive().optional(),
  /** Its address in that network. Default: chosen by Hetzner. */
  privateIp,
  /** The Hetzner labels of the servers that are nodes. */
  labelSelector: pattern(
    /^[^\s=,]+=[^\s=,]+(,[^\s=,]+=[^\s=,]+)*$/,
    "a label selector, such as cluster=prod,role=worker",
  ).optional(),
  /** IDs of servers, in addition to the selector or instead of it. */
  servers: z.array(z.int().positive()).default([]),
  /** Addresses of dedicated servers, likewise. */
  ips: z.array(address).default([]),
  /** Of Traefik; and where ingress-nginx is asked for its health. */
  nodePorts: z
    .strictObject({
      /** The node port of Traefik for HTTP. ingress-nginx has 31080. */
      http: nodePort.default(30080),
      /** The node port of Traefik for HTTPS. ingress-nginx has 31443. */
      https: nodePort.default(30443),
      /**
       * The node port at which the load balancer checks ingress-nginx. It serves metrics too, so other clients
       * outside of the cluster cannot reach it.
       */
      nginxHealth: nodePort.default(31254),
    })
    .prefault({}),
  /**
   * Whether the load balancer sends the client's address in a PROXY protocol header, which the ingress
   * controller then expects.
   */
  proxyProtocol: z.boolean().default(true),
  /** The health check of ports 80 and 443. The controller determines its request. */
  healthCheck: z.strictObject(timing).transform(withTimeout).prefault({}),
  /** Its services in addition to ports 80 and 443. */
  services: z.array(service).default([]),
  /** The reverse DNS name of its public addresses. */
  reverseDns: hostName.optional(),
  /** Labels of the load balancer at Hetzner. */
  labels: labels.default({}),
  /** Whether AAAA records are created for it. */
  ipv6: z.boolean().default(true),
  /**
   * Its name, for the one update that may replace it, by which its public addresses go to somebody else. `protect` must
   * have been false in an update before.
   */
  allowReplacement: z.string().optional(),
  /** Settings for Hetzner's cloud controller manager, with `managedBy: ccm` only. */
  ccm: optionalSection(ccm),
});

type AllSettings = z.output<typeof allSettings>;

/** Settings for `managedBy: pulumi` only, and why the cloud controller manager has none of them. */
const pulumiOnly = {
  networkId: "the manager has its own network",
  labelSelector: "the manager's targets are the cluster's nodes: ccm.nodeSelector selects among them",
  servers: "the manager's targets are the cluster's nodes",
  ips: "the manager's targets are the cluster's nodes",
  services: "its Service has the ports of the ingress controller only",
  labels: "the manager sets the labels itself",
} as const satisfies Partial<Record<keyof AllSettings, string>>;

function findPulumiErrors({ networkId, labelSelector, servers, ips, ccm }: AllSettings): ConfigError[] {
  const errors: ConfigError[] = [];
  if (networkId === undefined)
    errors.push({
      path: "networkId",
      message: "is missing, want the ID of the nodes' private network, as `hcloud network list` prints it",
    });
  if (labelSelector === undefined && servers.length + ips.length === 0)
    errors.push({
      path: "",
      message: "has no targets, set at least one of labelSelector, servers and ips",
    });
  if (ccm !== undefined) errors.push({ path: "ccm", message: "cannot be combined with managedBy: pulumi" });
  return errors;
}

function findCcmErrors(given: AllSettings): ConfigError[] {
  const errors: ConfigError[] = Object.entries(pulumiOnly)
    .filter(([key]) => isSet(given[key as keyof typeof pulumiOnly]))
    .map(([path, why]) => ({ path, message: `cannot be combined with managedBy: ccm: ${why}` }));
  if (given.privateIp === undefined)
    errors.push({
      path: "privateIp",
      message:
        "is missing with managedBy: ccm, want a free address of the manager's network: the ingress controller trusts " +
        "connections from it, and the Service's status does not contain it",
    });
  return errors;
}

/** The load balancer: created by this program, or by Hetzner's cloud controller manager. */
export const loadBalancer = allSettings.transform((given, context) => {
  const { managedBy, networkId, privateIp, ccm, ...common } = given;
  const errors = managedBy === "pulumi" ? findPulumiErrors(given) : findCcmErrors(given);
  const location = parseLocation(given, errors);
  addErrors(context, errors);
  if (location !== undefined && errors.length === 0) {
    if (managedBy === "pulumi" && networkId !== undefined)
      return { ...common, managedBy, location, networkId, privateIp };
    if (managedBy === "ccm" && privateIp !== undefined)
      return { ...common, managedBy, location, privateIp, ccm };
  }
  return z.NEVER;
});
