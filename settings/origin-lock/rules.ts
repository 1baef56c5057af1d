import { rule, type Rule } from "../rule";

/** Rules about `originLock` alone. */
export const originLockRules: readonly Rule[] = [
  rule(["originLock"], ({ originLock }) =>
    originLock?.clientCertificate === false && originLock.ca !== undefined
      ? [{ path: "originLock.ca", message: "cannot be combined with clientCertificate: false" }]
      : [],
  ),
];
