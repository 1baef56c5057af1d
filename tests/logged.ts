import * as pulumi from "@pulumi/pulumi";

/** What the user is told beside the resources. */
export interface Logged {
  readonly severity: "info" | "warn" | "error";
  readonly message: string;
}

/** Takes down what the program and the SDK tell the user, until `quiet` is called. */
export function listen(): { readonly logs: readonly Logged[]; readonly quiet: () => void } {
  const logs: Logged[] = [];
  const severities = ["info", "warn", "error"] as const;
  const before = severities.map((severity) => [severity, pulumi.log[severity]] as const);
  for (const severity of severities)
    Reflect.set(pulumi.log, severity, (message: string) => {
      logs.push({ severity, message });
      return Promise.resolve();
    });
  const quiet = () => {
    for (const [severity, log] of before) Reflect.set(pulumi.log, severity, log);
  };
  return { logs, quiet };
}
