import { setTimeout as delay } from "node:timers/promises";

import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { hook, resolveInput, type Sleep } from "../pulumi/hooks";
import { controllerNames, findController, type ControllerName } from "./controllers";

export interface HandoverArgs {
  /** The namespace of the ConfigMap. */
  readonly namespace: pulumi.Input<string>;
  /** The controller that routes. */
  readonly controller: ControllerName;
  /** The time for which the controller keeps a connection, in use or not, in seconds. */
  readonly keepAliveSeconds: number;
  /** The time for which a pod of the controller accepts requests after SIGTERM, in seconds. */
  readonly acceptSeconds: number;
}

/** A margin for requests in flight, for routes to be read, and for clock skew. */
const spareSeconds = 5;

/**
 * On a change of ingress controller, delays the deletion of the old controller's routes until connections to it have
 * drained. An `up` deletes last, so a wait here keeps the old routes: without them the old controller would answer 404 on
 * kept-alive connections, and Traefik might drop an Ingress before it has read the HTTPRoute.
 *
 * The ConfigMap `routed-by` records the controller and its keep-alive time after the wait, so that an interrupted `up`
 * waits again. It must depend on the apps and on the load balancer's services.
 */
export class Handover extends pulumi.ComponentResource {
  constructor(name: string, args: HandoverArgs, opts?: pulumi.ComponentResourceOptions) {
    const { namespace, controller, keepAliveSeconds } = args;
    super("platform:networking:Handover", name, {}, opts);

    new kubernetes.core.v1.ConfigMap(
      name,
      {
        metadata: {
          name: "routed-by",
          namespace,
          // Not as data: a change of it would replace the ConfigMap, and `beforeUpdate` hooks do not run on a replacement.
          annotations: {
            [controllerAnnotation]: controller,
            [keepAliveAnnotation]: String(keepAliveSeconds),
          },
        },
      },
      { parent: this, hooks: { beforeUpdate: [waitForDrain(name, args)] } },
    );
    this.registerOutputs({});
  }
}

/**
 * The hook that waits, on a change of controller, until no connection uses the old controller's routes.
 *
 * @param name Unique in the stack.
 */
export const waitForDrain = (
  name: string,
  { controller, acceptSeconds }: Pick<HandoverArgs, "controller" | "acceptSeconds">,
  sleep: Sleep = delay,
): pulumi.ResourceHook =>
  hook(`${name}-until-left`, async ({ oldInputs = {} }) => {
    const before = await readRecorded(oldInputs);
    if (before === undefined || before.controller === controller) return;
    const seconds = drainSeconds(before, controller, acceptSeconds);
    await pulumi.log.info(
      `${controller} now routes. Waiting for ${seconds} s, until no connection uses the routes of ${before.controller}, ` +
        "before they are deleted.",
    );
    await sleep(seconds * 1000);
  });

const controllerAnnotation = "platform-networking/controller";
const keepAliveAnnotation = "platform-networking/keep-alive-seconds";

interface RecordedController {
  readonly controller: ControllerName;
  readonly keepAliveSeconds: number;
}

/**
 * The time until no connection uses the old routes, in seconds.
 *
 * Within one installation the pods are replaced: the old ones accept requests for a while, then close their connections.
 *
 * Between two installations the old one keeps running. A connection can live for up to twice `keepAliveSeconds`: once
 * until its last request, and once idle.
 */
const drainSeconds = (
  before: RecordedController,
  controller: ControllerName,
  acceptSeconds: number,
): number =>
  spareSeconds +
  (findController(before.controller).installation.identity ===
  findController(controller).installation.identity
    ? acceptSeconds
    : 2 * before.keepAliveSeconds);

interface Inputs {
  readonly metadata?: pulumi.Input<{
    readonly annotations?: pulumi.Input<Readonly<Record<string, pulumi.Input<string>>>>;
  }>;
}

async function readRecorded({ metadata }: Inputs): Promise<RecordedController | undefined> {
  const { annotations = {} } = (await resolveInput(metadata)) ?? {};
  const controller = controllerNames.find((each) => each === annotations[controllerAnnotation]);
  return controller && { controller, keepAliveSeconds: Number(annotations[keepAliveAnnotation]) };
}
