import { errorIf } from "../config-error";
import { rule, type Rule } from "../rule";

/** Rules about `originLock` alone. */
export const originLockRules: readonly Rule[] = [
  rule(["originLock"], ({ originLock }) =>
    errorIf(
      originLock?.clientCertificate === false && originLock.ca !== undefined,
      "originLock.ca",
      "cannot be combined with clientCertificate: false",
    ),
  ),
];
