import { setTimeout as delay } from "node:timers/promises";

import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { hook, resolveInput, type Sleep } from "../pulumi/hooks";
import { controllerNames, findController, type ControllerName } from "./controllers";

export interface HandoverArgs {
  /** Where it is written down. */
  readonly namespace: pulumi.Input<string>;
  /** Who routes. */
  readonly controller: ControllerName;
  /** How long the controller keeps a connection, in use or not. */
  readonly keepAliveSeconds: number;
  /** How long a copy of the controller takes requests after it was told to end. */
  readonly acceptSeconds: number;
}

/** For what is under way, for rules to be read, and for clocks that do not agree. */
const spareSeconds = 5;

/**
 * Waits, when another controller routes, until nobody is served by the one before. An `up` deletes what is no longer
 * wanted when all else is done, so who waits here keeps the rules of before until then: without them that controller
 * would answer 404 on connections that are kept, and Traefik might forget an Ingress before it has read the HTTPRoute.
 *
 * Who routes, and how long that one keeps a connection, is written down in the ConfigMap `routed-by` once the wait is
 * over: an `up` that was cut off in it waits again. Let it come after the apps and after the load balancer's services.
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
          // Not as data: for that Pulumi would replace it, and nobody is asked before a replacement.
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

/** @param name Unique in the stack. */
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
      `${controller} routes from now on: waiting for ${seconds} s, until nobody is served as ${before.controller} had it, ` +
        "and only then deleting what that routes by.",
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
 * In one installation the copies are replaced: those of before take requests for a while, and then end their connections.
 *
 * Between two, the one before goes on. It asks for a connection to be opened anew only when that takes a request after its
 * time. One that took its last request just before may then lie unused for as long again, so twice the time is waited.
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
