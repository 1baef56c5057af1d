import { AsyncResource } from "node:async_hooks";

import * as pulumi from "@pulumi/pulumi";

/**
 * A resource hook that may call invokes and log. The engine calls hooks over gRPC, outside the asynchronous context in
 * which the SDK keeps the current run (Automation API); binding the callback restores that context.
 *
 * @param name Unique in the stack.
 */
export const hook = (
  name: string,
  callback: pulumi.ResourceHookFunction,
  opts?: pulumi.ResourceHookOptions,
): pulumi.ResourceHook => new pulumi.ResourceHook(name, AsyncResource.bind(callback), opts);

/** As {@link hook}, for a failed operation. The callback returns whether to retry. */
export const errorHook = (name: string, callback: pulumi.ErrorHookFunction): pulumi.ErrorHook =>
  new pulumi.ErrorHook(name, AsyncResource.bind(callback));

/** Waits for a number of milliseconds. */
export type Sleep = (milliseconds: number) => Promise<unknown>;

const resolveSeconds = 30;

/**
 * The plain value of an input that a hook received: the engine passes secrets as outputs.
 *
 * @throws {Error} The output is unknown or has failed: it never resolves then.
 */
export const resolveInput = <T>(input: pulumi.Input<T>): Promise<pulumi.Unwrap<T>> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`an input of a hook has no value after ${resolveSeconds} s`)),
      resolveSeconds * 1000,
    );
    pulumi.output(input).apply((value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
