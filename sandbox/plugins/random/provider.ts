import type { StandIn } from "../stand-in";
import { randomPassword } from "./random-password";

/** The stand-in for pulumi-random, as far as the program uses it. Its resource exists in the state only. */
export function randomProvider(): StandIn {
  return {
    name: "random",
    version: "4.21.2",
    checkConfig: (args) =>
      Object.keys(args)
        .filter((property) => !["version", "pluginDownloadURL"].includes(property))
        .map((property) => ({ property, reason: "the random provider takes no arguments" })),
    configure: () => undefined,
    kind: (token) => (token === "random:index/randomPassword:RandomPassword" ? randomPassword : undefined),
  };
}
