import { z } from "zod";

import { addErrors, type ConfigError } from "../config-error";
import { networkRange } from "../formats/ip-ranges";
import { hostName, integer, label } from "../formats/names";
import {
  algorithm,
  balancerType,
  carried,
  ccmHealthCheck,
  nodePort,
  locations,
  privateIp,
  parseLocation,
} from "../load-balancer/schema";

/** Session affinity: the connections of one client go to the same pod until it has been idle for this time. */
const affinity = z
  .strictObject({
    /** Seconds without a connection until the affinity ends. */
    seconds: integer(1, 86400).default(10800),
  })
  .optional();

/** For a Service that does not forward connections to pods. */
const noAffinity = (why: string) =>
  z
    .unknown()
    .refine((given) => given === undefined, { error: `none: ${why}` })
    .optional();

const seconds = (min: number, max: number) => integer(min, max).optional();

const certificates = z.union(
  [
    z.strictObject({
      /** IDs or names of certificates at Hetzner. */
      uploaded: z.array(z.union([z.int().positive(), z.string().min(1)])).min(1),
    }),
    z.strictObject({
      /** A certificate that Hetzner issues and renews. */
      managed: z.strictObject({
        /** The name of the certificate at Hetzner. Default: chosen by the manager. */
        name: z.string().min(1).optional(),
        /** The hosts of the certificate. */
        domains: z.array(hostName).min(1),
      }),
    }),
  ],
  { error: "uploaded with ids or names of certificates, or managed with domains" },
);

/** A load balancer for one app, created by Hetzner's cloud controller manager, which must be installed. */
const loadBalancer = z
  .strictObject({
    /** Its name at Hetzner, unique in the project: the manager takes over a load balancer that has the name already. */
    name: label,
    /** The load balancer's type. */
    type: balancerType,
    ...locations,
    /** How connections are distributed among the targets. */
    algorithm,
    /** Whether nodes are reached over the manager's network. */
    usePrivateIp: z.boolean().default(true),
    /** The private address. Default: chosen by Hetzner. */
    privateIp,
    /** The subnet of the manager's network in which `privateIp` is. */
    subnet: networkRange.optional(),
    /** The Kubernetes labels of the nodes that are targets. Default: all nodes. */
    nodeSelector: z.string().min(1).optional(),
    /** Whether it has public addresses. */
    public: z.boolean().default(true),
    /** Whether it has a public IPv6 address. */
    ipv6: z.boolean().default(true),
    /** Whether it sends PROXY protocol headers, which the app must then expect. */
    proxyProtocol: z.boolean().default(false),
    /** The protocol of every port. */
    protocol: carried(["tcp", "http", "https"]),
    /** For the protocols `http` and `https`. */
    http: z
      .strictObject({
        /** The name of the cookie for sticky sessions. */
        cookieName: z.string().min(1).optional(),
        /** The lifetime of that cookie. */
        cookieLifetimeSeconds: seconds(1, 86400),
        /** Seconds until an idle connection is closed. */
        timeoutIdleSeconds: seconds(30, 300),
        /** Whether the requests of one client go to the same target. */
        stickySessions: z.boolean().optional(),
        /** Whether HTTP is redirected to HTTPS. */
        redirectHttp: z.boolean().optional(),
        /** The certificates for `https`. */
        certificates: certificates.optional(),
      })
      .optional(),
    /** The health check. Unset keys have Hetzner's defaults. */
    healthCheck: z
      .strictObject({
        ...ccmHealthCheck,
        /** Seconds between two health checks. */
        intervalSeconds: seconds(3, 60),
        /** Seconds until a health check has failed. */
        timeoutSeconds: seconds(1, 60),
        /** Failed checks until a target gets no connections. */
        retries: seconds(1, 5),
      })
      .optional(),
    /** The reverse DNS name of its public addresses. */
    reverseDns: hostName.optional(),
    /** The host name in the Service's status, instead of the addresses. */
    hostname: hostName.optional(),
  })
  .transform(({ networkZone, ...rest }, context) => {
    const errors: ConfigError[] = [];
    const location = parseLocation({ networkZone, location: rest.location }, errors);
    addErrors(context, errors);
    return location === undefined ? z.NEVER : { ...rest, location };
  });

const ofType = z.discriminatedUnion("type", [
  /** An address inside the cluster, balanced over all pods. */
  z.strictObject({
    /**
     * The type of the Service: `ClusterIP` has an address inside the cluster; `Headless` resolves to the addresses
     * of all pods; `NodePort` and `LoadBalancer` are open to all clients; `ExternalName` is a name outside of the
     * cluster.
     */
    type: z.literal("ClusterIP"),
    /** Session affinity: the connections of one client go to the same pod. Without effect for meshed callers. */
    affinity,
  }),
  /** No address: its name resolves to the addresses of all pods. */
  z.strictObject({
    type: z.literal("Headless"),
    /** Session affinity: the connections of one client go to the same pod. Without effect for meshed callers. */
    affinity: noAffinity("callers of a headless Service select a pod themselves"),
  }),
  /** A port of every node, open to all clients of the nodes. */
  z.strictObject({
    type: z.literal("NodePort"),
    /** The node port of `servicePort`. Default: chosen by Kubernetes, as for `ports`. */
    nodePort: nodePort.optional(),
    /** Session affinity: the connections of one client go to the same pod. Without effect for meshed callers. */
    affinity,
  }),
  /** The app's own load balancer at Hetzner, which bypasses the ingress. */
  z.strictObject({
    type: z.literal("LoadBalancer"),
    /** The app's own load balancer, created by Hetzner's cloud controller manager. */
    loadBalancer,
    /** Session affinity: the connections of one client go to the same pod. Without effect for meshed callers. */
    affinity,
  }),
  /** An alias of a host outside of the cluster. */
  z.strictObject({
    type: z.literal("ExternalName"),
    /** The name outside of the cluster. */
    externalName: hostName,
    /** Session affinity: the connections of one client go to the same pod. Without effect for meshed callers. */
    affinity: noAffinity("an ExternalName Service has no pods"),
  }),
]);

const isSilent = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !("type" in value);

/** The app's Service. Default: type `ClusterIP`. */
export const service = z.preprocess(
  (given) => (isSilent(given) ? { type: "ClusterIP", ...given } : given),
  ofType,
);
