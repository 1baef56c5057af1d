import { AsyncResource } from "node:async_hooks";

import * as pulumi from "@pulumi/pulumi";

/**
 * Adds the line of the program to the message of an unexpected error: of a hook's error the SDK gives the engine the
 * message alone. A `RunError` is meant for the user and stays as it is.
 */
const withLine =
  <Args, Result>(callback: (args: Args) => Result | Promise<Result>) =>
  async (args: Args): Promise<Result> => {
    try {
      return await callback(args);
    } catch (error) {
      const isForUser: boolean = pulumi.RunError.isInstance(error);
      if (error instanceof Error && !isForUser) {
        const lines = (error.stack ?? "").split("\n").filter((line) => /^ +at /.test(line));
        error.message += `\n${lines.find((line) => !/node_modules|node:/.test(line)) ?? lines[0] ?? ""}`;
      }
      throw error;
    }
  };

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
): pulumi.ResourceHook => new pulumi.ResourceHook(name, AsyncResource.bind(withLine(callback)), opts);

/** As {@link hook}, for a failed operation. The callback returns whether to retry. */
export const errorHook = (name: string, callback: pulumi.ErrorHookFunction): pulumi.ErrorHook =>
  new pulumi.ErrorHook(name, AsyncResource.bind(withLine(callback)));

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
