import { z } from "zod";

import { egress } from "./egress";
import { label, port } from "./names";
import { resources } from "./resources";
import { route } from "./routes";
import { service } from "./service";
import { serviceProfile, traffic } from "./traffic";
import * as workload from "./workload";

/**
 * One app: pods of an `image`, a Service of another's that is there already, `existing`, or with a Service of type
 * ExternalName a name for what is elsewhere.
 */
export const app = z.strictObject({
  image: workload.image.optional(),
  /** Whether its Service, with the pods behind it, is there already. */
  existing: z.boolean().default(false),
  /** Where the existing Service is. Absence means with the other apps. */
  namespace: workload.namespace.optional(),
  /** The labels of the existing Service's pods. Absence means `app` with the app's name. */
  podLabels: workload.podLabels.optional(),
  /** The ServiceAccount of the existing Service's pods, by which the mesh knows them. Absence means `default`. */
  serviceAccount: workload.account.optional(),
  /** The name of the existing Service. Absence means the app's. */
  serviceName: label.optional(),
  /** What kind of Service is made. Absence means one with an address inside the cluster. */
  service: service.optional(),
  /** What is spoken on `port`: HTTP, gRPC, or something that the mesh passes on unread. Default http. */
  protocol: z.enum(["http", "grpc", "tcp"]).optional(),
  /** The port its container listens on. */
  port,
  /** The port its Service offers for it. Absence means `port`. */
  servicePort: port.optional(),
  ports: workload.ports,
  /** How many pods; default 2. Or `autoscaling`. */
  replicas: workload.replicas.optional(),
  autoscaling: workload.autoscaling.optional(),
  meshed: z.boolean().default(true),
  /** Path of the HTTP probes. Absence means that they only open the port. */
  healthPath: workload.path.optional(),
  probes: workload.probes,
  drainSeconds: workload.drainSeconds.optional(),
  resources: resources.unwrap().optional(),
  env: workload.env,
  secrets: workload.secrets,
  canary: workload.canary.optional(),
  /** How meshed callers treat it; or in Linkerd's older way, `serviceProfile`. */
  traffic: traffic.optional(),
  serviceProfile: serviceProfile.optional(),
  /** The apps it calls. What is not declared is dropped. */
  calls: z.array(z.string()).default([]),
  /** What it reaches outside of the cluster. */
  egress: z.array(egress).default([]),
  routes: z.array(route).default([]),
});
