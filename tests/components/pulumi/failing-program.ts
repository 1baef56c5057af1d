// Usage: failing-program.ts component|apply. Fails as a program does, with the stack traces of index.ts.
import * as pulumi from "@pulumi/pulumi";

import { disableResourceStackTraces } from "../../../components/pulumi/resource-stack-traces";

class Failing extends pulumi.ComponentResource {
  constructor(name: string, where: string | undefined) {
    super("test:Failing", name);
    if (where === "component") throw new Error("in a component");
    pulumi.output(name).apply((known) => {
      throw new Error(`in an apply of ${known}`);
    });
  }
}

disableResourceStackTraces();
void pulumi.runtime
  .setMocks({ newResource: () => ({ id: undefined, state: {} }), call: () => ({}) })
  .then(() =>
    pulumi.runtime.runInPulumiStack(() => Promise.resolve({ failing: new Failing("one", process.argv[2]) })),
  );
