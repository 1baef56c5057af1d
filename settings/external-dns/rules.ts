import { findRepeated } from "../repeated";
import { rule, type Rule } from "../rule";

/** Rules about `externalDns` alone. */
export const externalDnsRules: readonly Rule[] = [
  rule(["externalDns"], ({ externalDns }) =>
    findRepeated(externalDns?.domains ?? [], (index) => `externalDns.domains.${index}`),
  ),
];
