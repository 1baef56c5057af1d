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

/** Sends the connections of one client to the same pod until it has been silent for so long. */
const affinity = z.strictObject({ seconds: integer(1, 86400).default(10800) }).optional();

/** Of a Service by which no connection is handed to a pod. */
const noAffinity = (why: string) =>
  z
    .unknown()
    .refine((given) => given === undefined, { error: `none: ${why}` })
    .optional();

const seconds = (min: number, max: number) => integer(min, max).optional();

const certificates = z.union(
  [
    z.strictObject({ uploaded: z.array(z.union([z.int().positive(), z.string().min(1)])).min(1) }),
    z.strictObject({
      managed: z.strictObject({ name: z.string().min(1).optional(), domains: z.array(hostName).min(1) }),
    }),
  ],
  { error: "uploaded with ids or names of certificates, or managed with domains" },
);

/** A load balancer for one app, created by Hetzner's cloud controller manager, which must be installed. */
const loadBalancer = z
  .strictObject({
    /** Its name at Hetzner, unique in the project: the manager takes over what has the name already. */
    name: label,
    type: balancerType,
    ...locations,
    algorithm,
    /** Whether nodes are reached over the manager's network. */
    usePrivateIp: z.boolean().default(true),
    privateIp,
    /** The subnet of the manager's network in which `privateIp` is. */
    subnet: networkRange.optional(),
    /** Which nodes are targets, by their Kubernetes labels. Absence means all. */
    nodeSelector: z.string().min(1).optional(),
    /** Whether it has public addresses. */
    public: z.boolean().default(true),
    ipv6: z.boolean().default(true),
    /** Whether it begins each connection with a PROXY protocol header, which the app must then expect. */
    proxyProtocol: z.boolean().default(false),
    /** What it listens for on every port. */
    protocol: carried(["tcp", "http", "https"]),
    /** For the protocols `http` and `https`. */
    http: z
      .strictObject({
        cookieName: z.string().min(1).optional(),
        cookieLifetimeSeconds: seconds(1, 86400),
        timeoutIdleSeconds: seconds(30, 300),
        stickySessions: z.boolean().optional(),
        redirectHttp: z.boolean().optional(),
        certificates: certificates.optional(),
      })
      .optional(),
    healthCheck: z
      .strictObject({
        ...ccmHealthCheck,
        intervalSeconds: seconds(3, 60),
        timeoutSeconds: seconds(1, 60),
        retries: seconds(1, 5),
      })
      .optional(),
    /** The name that its public addresses lead back to. */
    reverseDns: hostName.optional(),
    /** Stands in the Service's status in place of the addresses. */
    hostname: hostName.optional(),
  })
  .transform(({ networkZone, ...rest }, context) => {
    const errors: ConfigError[] = [];
    const location = parseLocation({ networkZone, location: rest.location }, errors);
    addErrors(context, errors);
    return location === undefined ? z.NEVER : { ...rest, location };
  });

const ofType = z.discriminatedUnion("type", [
  /** An address inside the cluster, behind which any pod answers. */
  z.strictObject({ type: z.literal("ClusterIP"), affinity }),
  /** No address: its name has the addresses of all pods. */
  z.strictObject({
    type: z.literal("Headless"),
    affinity: noAffinity("callers of a headless Service select a pod themselves"),
  }),
  /** A port of every node, for everybody who reaches the nodes. */
  z.strictObject({
    type: z.literal("NodePort"),
    /** That of `servicePort`. Absence means that Kubernetes chooses, as it does for `ports`. */
    nodePort: nodePort.optional(),
    affinity,
  }),
  /** A load balancer of its own at Hetzner, past the ingress. */
  z.strictObject({ type: z.literal("LoadBalancer"), loadBalancer, affinity }),
  /** A name for what is elsewhere. */
  z.strictObject({
    type: z.literal("ExternalName"),
    externalName: hostName,
    affinity: noAffinity("an ExternalName Service has no pods"),
  }),
]);

const isSilent = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !("type" in value);

/** What kind of Service is made: `ClusterIP`, unless it says so. */
export const service = z.preprocess(
  (given) => (isSilent(given) ? { type: "ClusterIP", ...given } : given),
  ofType,
);
