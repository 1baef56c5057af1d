import type { FakeProvider } from "../fake-provider";
import { refuseArguments } from "../fixed-inputs";
import { randomPassword } from "./random-password";

/** The stand-in for pulumi-random, as far as the program uses it. Its resource exists in the state only. */
export function randomProvider(): FakeProvider {
  return {
    name: "random",
    version: "4.21.2",
    checkConfig: refuseArguments,
    configure: () => undefined,
    findType: (token) =>
      token === "random:index/randomPassword:RandomPassword" ? randomPassword : undefined,
  };
}
