import { isIP, isIPv4 } from "node:net";

import { z } from "zod";

import { shortest } from "./addresses";
import { cidr, rangeOf } from "./cluster";
import { hostName, label, matching, port, unsaid } from "./names";

/** A port that every node has. */
export const nodePort = z.int().min(30000).max(32767);

const privateRanges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].map(rangeOf);

/** Whether it is an address of a private network. */
export const isPrivateIpv4 = (text: string): boolean => {
  const address = isIPv4(text) ? rangeOf(`${text}/32`)?.first : undefined;
  return privateRanges.some(
    (range) => range && address !== undefined && range.first <= address && address <= range.last,
  );
};

const address = z
  .string()
  .overwrite(shortest)
  .refine((text) => isIP(text) !== 0 && !text.includes("%"), {
    error: "an IP address, such as 203.0.113.10",
  });

const word = "[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?";
const prefix =
  "(?!hetzner\\.cloud/)(?=[^/]{1,253}/)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/";

/** @see https://docs.hetzner.cloud/reference/cloud#labels */
const labels = z.record(
  matching(
    new RegExp(`^(${prefix})?${word}$`),
    "letters, digits, dashes, dots and underscores, 63 at most, a letter or digit at both ends, " +
      "and before it a domain with a slash if there is one, except hetzner.cloud/",
  ),
  matching(
    new RegExp(`^(${word})?$`),
    "letters, digits, dashes, dots and underscores, 63 at most, a letter or digit at both ends",
  ),
);

/** In seconds. A timeout that is not said is ten seconds, or the interval if that is less. */
const timing = {
  intervalSeconds: z.int().min(3).max(60).default(15),
  timeoutSeconds: z.int().min(1).max(60).optional(),
  /** Failed checks in a row until a target leaves the rotation. */
  retries: z.int().min(1).max(5).default(3),
};

const within = <T extends { intervalSeconds: number; timeoutSeconds?: number | undefined }>(check: T) => ({
  ...check,
  timeoutSeconds: check.timeoutSeconds ?? Math.min(10, check.intervalSeconds),
});

const path = matching(/^\/\S*$/, "a path, such as /health");

const statusCode = matching(
  /^([1-5?][0-9?]{2}|(?=[^*]*\*)[1-5?*][0-9?*]{0,2})$/,
  "a status code, such as 200 or 2??, where ? stands for one digit and * for several",
);
const statusCodes = z.array(statusCode).min(1).optional();

const healthCheck = z
  .strictObject({
    protocol: z.enum(["tcp", "http"]).default("tcp"),
    /** Absence means the port that the service leads to. */
    port: port.optional(),
    ...timing,
    /** For the protocol `http` only. */
    http: z
      .strictObject({
        path: path.optional(),
        /** The Host header. */
        domain: hostName.optional(),
        statusCodes,
        /** What the body must hold. */
        response: z.string().min(1).optional(),
        tls: z.boolean().optional(),
      })
      .optional(),
  })
  .transform(within);

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
          ? `${protocols.join(" or ")}: Hetzner load balancers carry no UDP`
          : undefined,
    })
    .default("tcp");

const service = z.strictObject({
  name: label,
  protocol: carried(["tcp", "http"]),
  listenPort: port,
  /** The port on the targets. */
  destinationPort: port,
  proxyProtocol: z.boolean().default(false),
  healthCheck: healthCheck.prefault({}),
});

/** Where it stands: exactly one of the two. */
export const place = {
  location: z.enum(["fsn1", "nbg1", "hel1", "ash", "hil", "sin"]).optional(),
  networkZone: z.enum(["eu-central", "us-east", "us-west", "ap-southeast"]).optional(),
};

export const balancerType = z.enum(["lb11", "lb21", "lb31"]).default("lb11");
export const algorithm = z.enum(["round_robin", "least_connections"]).default("round_robin");
export const privateIp = z
  .string()
  .refine(isPrivateIpv4, { error: "a private IPv4 address, such as 10.0.0.2" })
  .optional();

/** How the cloud controller manager has nodes checked. What is not said is Hetzner's default. */
export const ccmHealthCheck = {
  protocol: z.enum(["tcp", "http", "https"]).default("tcp"),
  /** Absence means the node port of each service. */
  port: port.optional(),
  path: path.optional(),
  domain: hostName.optional(),
  statusCodes,
  validateCertificate: z.boolean().optional(),
};

/** What only the cloud controller manager knows. */
const ccm = z.strictObject({
  /** Which nodes are targets, by their Kubernetes labels. Absence means all. */
  nodeSelector: z.string().min(1).optional(),
  /** The subnet of the manager's network in which `privateIp` is. */
  subnet: cidr.optional(),
  /** Beside the timing in `loadBalancer.healthCheck`. */
  healthCheck: z.strictObject(ccmHealthCheck).optional(),
});

export const loadBalancer = z.strictObject({
  /** Who makes it: this program at Hetzner, or Hetzner's cloud controller manager for a Service of this program. */
  managedBy: z.enum(["pulumi", "ccm"]).default("pulumi"),
  /** Its name at Hetzner, unique in the project. */
  name: label,
  type: balancerType,
  ...place,
  algorithm,
  /** The id of the nodes' private network: `hcloud network list`. The manager has it from its own settings. */
  networkId: z.int().positive().optional(),
  /** Its address in that network. Absence means that Hetzner chooses. */
  privateIp,
  /** Which servers are nodes, by their Hetzner labels. */
  labelSelector: matching(
    /^[^\s=,]+=[^\s=,]+(,[^\s=,]+=[^\s=,]+)*$/,
    "a label selector, such as cluster=prod,role=worker",
  ).optional(),
  /** Ids of servers, beside the selector or in its place. */
  servers: z.array(z.int().positive()).default([]),
  /** Addresses of dedicated servers, likewise. */
  ips: z.array(address).default([]),
  /** Of Traefik; and where ingress-nginx is asked for its health. */
  nodePorts: z
    .strictObject({
      http: nodePort.default(30080),
      https: nodePort.default(30443),
      nginxHealth: nodePort.default(31254),
    })
    .prefault({}),
  proxyProtocol: z.boolean().default(true),
  /** Of 80 and 443. What is asked there, the controller decides. */
  healthCheck: z.strictObject(timing).transform(within).prefault({}),
  /** What it listens on beside 80 and 443. */
  services: z.array(service).default([]),
  /** The name that its public addresses lead back to. */
  reverseDns: hostName.optional(),
  labels: labels.default({}),
  /** Whether AAAA records are made for it. */
  ipv6: z.boolean().default(true),
  /**
   * Its name, for the one update that may replace it, by which its public addresses go to somebody else. `protect` must
   * have been false in an update before.
   */
  allowReplacement: z.string().optional(),
  ccm: unsaid(ccm),
});
