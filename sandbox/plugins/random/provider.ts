import type { Kind, StandIn } from "../stand-in";
import { randomId } from "./random-id";
import { randomPassword, randomString } from "./random-text";

const kinds: Readonly<Record<string, Kind>> = {
  "random:index/randomId:RandomId": randomId,
  "random:index/randomPassword:RandomPassword": randomPassword,
  "random:index/randomString:RandomString": randomString,
};

/** Stands in for pulumi-random. It has no cloud: what it makes is in the state alone. */
export function randomProvider(): StandIn {
  return {
    name: "random",
    version: "4.21.2",
    checkConfig: (args) =>
      Object.keys(args)
        .filter((property) => !["version", "pluginDownloadURL"].includes(property))
        .map((property) => ({ property, reason: "the random provider takes no arguments" })),
    configure: () => undefined,
    kind: (token) => kinds[token],
  };
}
