import { setTimeout as delay } from "node:timers/promises";

import * as pulumi from "@pulumi/pulumi";

import { hook, valueOf } from "../hooks";

/** Waits for so many milliseconds. */
export type Sleep = (milliseconds: number) => Promise<unknown>;

/** For what is under way, and for clocks that do not agree. */
const spareSeconds = 5;

/**
 * After the load balancer turned to other ports: waits until nobody uses the controller of before. An `up` deletes what
 * is no longer wanted when all else is done, and who waits here keeps the rules of before until then: without them that
 * controller would answer 404 on connections that are kept.
 *
 * A connection is asked to be opened anew only when it takes a request after that time. One that took its last request
 * just before may then lie unused for as long again, so twice the time is waited. It is the time of the new settings: a
 * change of it should reach the old controller in an `up` of its own.
 *
 * @param name Unique in the stack.
 * @param keepAliveSeconds How long the controller keeps a connection, in use or not.
 */
export const untilLeft = (
  name: string,
  keepAliveSeconds: number,
  sleep: Sleep = delay,
): pulumi.ResourceHook =>
  hook(`${name}-left`, async ({ name: service, oldInputs = {}, newInputs = {} }) => {
    if ((await destinationOf(oldInputs)) === (await destinationOf(newInputs))) return;
    const seconds = 2 * keepAliveSeconds + spareSeconds;
    await pulumi.log.info(
      `${service} leads to another port: waiting for ${seconds} s, until no connection is kept by the controller that ` +
        "had the one before, and only then deleting what that routes by.",
    );
    await sleep(seconds * 1000);
  });

/**
 * After Traefik was told to read Gateways: waits until the pods that do not are through with new requests, for the same
 * reason. Where it is told to stop, every moment counts: hosts without an Ingress have no rule.
 *
 * @param name Unique in the stack.
 * @param acceptSeconds How long a pod takes requests after it was told to end.
 */
export const untilAllReadGateways = (
  name: string,
  acceptSeconds: number,
  sleep: Sleep = delay,
): pulumi.ResourceHook =>
  hook(`${name}-reads-gateways`, async ({ name: release, oldInputs = {}, newInputs = {} }) => {
    if ((await readsGateways(oldInputs)) || !(await readsGateways(newInputs))) return;
    const seconds = acceptSeconds + spareSeconds;
    await pulumi.log.info(
      `${release} reads HTTPRoutes from now on: waiting for ${seconds} s, until its pods of before, which do not, take no ` +
        "more requests, and only then deleting what those route by.",
    );
    await sleep(seconds * 1000);
  });

const destinationOf = ({ destinationPort }: { readonly destinationPort?: pulumi.Input<number> }) =>
  valueOf(destinationPort);

interface TraefikRelease {
  readonly values?: pulumi.Input<{ readonly providers?: { readonly kubernetesGateway?: object } }>;
}

const readsGateways = async ({ values }: TraefikRelease): Promise<boolean> =>
  (await valueOf(values))?.providers?.kubernetesGateway !== undefined;
