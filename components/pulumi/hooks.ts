import { AsyncResource } from "node:async_hooks";

import * as pulumi from "@pulumi/pulumi";

/**
 * A hook that may look things up and log. The engine calls it from outside; bound to where it was made, it finds the
 * run it belongs to again, which the SDK keeps in the asynchronous context when the program is run by another program.
 *
 * @param name Unique in the stack.
 */
export const hook = (
  name: string,
  callback: pulumi.ResourceHookFunction,
  opts?: pulumi.ResourceHookOptions,
): pulumi.ResourceHook => new pulumi.ResourceHook(name, AsyncResource.bind(callback), opts);

/** Waits for so many milliseconds. */
export type Sleep = (milliseconds: number) => Promise<unknown>;

/** What an input is that a hook was given: the engine hands on secrets as outputs. */
export const resolveInput = <T>(input: pulumi.Input<T>): Promise<pulumi.Unwrap<T>> =>
  new Promise((resolve) => {
    pulumi.output(input).apply(resolve);
  });

/** As {@link hook}, for an operation that failed. The callback says whether to try again. */
export const errorHook = (name: string, callback: pulumi.ErrorHookFunction): pulumi.ErrorHook =>
  new pulumi.ErrorHook(name, AsyncResource.bind(callback));
