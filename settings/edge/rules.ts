import { rule, type Rule } from "../rule";

const yearSeconds = 31_536_000;

/** Rules about `edge` alone. */
export const edgeRules: readonly Rule[] = [
  /** @see https://hstspreload.org/#submission-requirements */
  rule(["edge"], ({ edge }) => {
    const { preload = false, includeSubdomains = false, maxAgeSeconds = 0 } = edge?.hsts ?? {};
    if (!preload || (includeSubdomains && maxAgeSeconds >= yearSeconds)) return [];
    const message =
      `got true with includeSubdomains ${includeSubdomains} and maxAgeSeconds ${maxAgeSeconds}, ` +
      `want includeSubdomains: true and maxAgeSeconds of ${yearSeconds} or more`;
    return [{ path: "edge.hsts.preload", message }];
  }),
];
