import { keyed, object, plain } from "./shape";

const ttl = object("default mode!");

/** A rule of a ruleset as the SDK has it, with the action parameters that the program uses. */
export const ruleShape = object("action! description enabled expression! id ref", {
  actionParameters: object("cache id phases products ruleset rulesets", {
    browserTtl: ttl,
    edgeTtl: ttl,
    fromValue: object("preserveQueryString statusCode targetUrl!", {
      targetUrl: object("expression value"),
    }),
    headers: keyed(object("expression operation! value")),
    overrides: object("action enabled", {
      categories: object("action category! enabled"),
      rules: object("action enabled id! scoreThreshold"),
    }),
    response: object("content! contentType! statusCode!"),
    rules: keyed(plain),
  }),
  logging: object("enabled"),
  ratelimit: object(
    "characteristics! countingExpression mitigationTimeout period! requestsPerPeriod requestsToOrigin",
  ),
});
