import * as pulumi from "@pulumi/pulumi";

import { called, created } from "../../tests/mocks";

type Inputs = Parameters<typeof created>[2];
type Done = (error: Error | null, response: object) => void;

/** Runs a program against the SDK's mocks; hooks are registered and not called. Returns the number of its resources. */
export async function runWithMocks(build: () => unknown): Promise<number> {
  let count = 0;
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs, custom }) => {
        if (type === "pulumi:pulumi:Stack") return { id: undefined, state: {} };
        count += 1;
        if (custom === false) return { id: undefined, state: inputs as Inputs };
        const { id, outputs } = created(type, name, inputs as Inputs, {});
        return { id, state: { ...(inputs as Inputs), ...outputs } };
      },
      call: ({ token, inputs }) => called(token, inputs as Inputs, {}),
    },
    "platform-networking",
    "prod",
    false,
    "organization",
  );
  const accept = (_: object, done: Done) => done(null, {});
  Object.assign(pulumi.runtime.getMonitor() ?? {}, {
    registerResourceHook: accept,
    registerErrorHook: accept,
  });
  await pulumi.runtime.runInPulumiStack(() => Promise.resolve(build()));
  await pulumi.runtime.disconnect();
  pulumi.runtime.disconnectSync();
  return count;
}
