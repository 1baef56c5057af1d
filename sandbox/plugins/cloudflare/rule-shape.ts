import { keyed, object, plain, type Shape } from "./shape";

/** A directive of Cache-Control that a rule sets. */
const directive = (more = ""): Shape => object(`operation! cloudflareOnly ${more}`);

const target = object("expression value");

const named = (more = ""): Shape => object(`name! ${more}`);

const cacheKey = object("cacheByDeviceType cacheDeceptionArmor ignoreQueryStringsOrder", {
  customKey: object("", {
    cookie: object("checkPresences includes"),
    header: object("checkPresences excludeOrigin includes", { contains: keyed(plain) }),
    host: object("resolved"),
    queryString: object("", { exclude: object("all lists"), include: object("all lists") }),
    user: object("deviceType geo lang"),
  }),
});

const overrides = object("action enabled sensitivityLevel", {
  categories: object("action category! enabled sensitivityLevel"),
  rules: object("action enabled id! scoreThreshold sensitivityLevel"),
});

const actionParameters = object(
  "additionalCacheablePorts assetName automaticHttpsRewrites bic cache content contentConverter contentType " +
    "disableApps disableRum disableZaraz emailObfuscation expression fonts hostHeader hotlinkProtection id " +
    "increment mirage operation opportunisticEncryption originCacheControl originErrorPagePassthru phases polish " +
    "products readTimeout redirectsForAiTraining requestBodyBuffering respectStrongEtags responseBodyBuffering " +
    "rocketLoader ruleset rulesets securityLevel serverSideExcludes ssl statusCode stripEtags stripLastModified " +
    "stripSetCookie sxg values",
  {
    algorithms: object("name"),
    autominify: object("css html js"),
    browserTtl: object("default mode!"),
    cacheKey,
    cacheReserve: object("eligible! minimumFileSize"),
    cookieFields: named(),
    edgeTtl: object("default mode!", {
      statusCodeTtls: object("statusCode value!", { statusCodeRange: object("from to") }),
    }),
    fromList: object("key! name!"),
    fromValue: object("preserveQueryString statusCode targetUrl!", { targetUrl: target }),
    headers: keyed(object("expression operation! value")),
    immutable: directive(),
    matchedData: object("publicKey!"),
    maxAge: directive("value"),
    mustRevalidate: directive(),
    mustUnderstand: directive(),
    noCache: directive("qualifiers"),
    noStore: directive(),
    noTransform: directive(),
    origin: object("host port"),
    originRangeRequests: object("mode!"),
    overrides,
    private: directive("qualifiers"),
    proxyRevalidate: directive(),
    public: directive(),
    rawResponseFields: named("preserveDuplicates"),
    requestFields: named(),
    response: object("content! contentType! statusCode!"),
    responseFields: named("preserveDuplicates"),
    rules: keyed(plain),
    sMaxage: directive("value"),
    serveStale: object("disableStaleWhileUpdating"),
    sni: object("value!"),
    staleIfError: directive("value"),
    staleWhileRevalidate: directive("value"),
    transformedRequestFields: named(),
    uri: object("", { path: target, query: target }),
    vary: object("default!", {
      default: object("action!"),
      headers: keyed(object("action! languages mediaTypes")),
    }),
  },
);

/** A rule of a ruleset, as the SDK has it. */
export const ruleShape = object("action! description enabled expression! id ref", {
  actionParameters,
  exposedCredentialCheck: object("passwordExpression! usernameExpression!"),
  logging: object("enabled"),
  ratelimit: object(
    "characteristics! countingExpression mitigationTimeout period! requestsPerPeriod requestsToOrigin " +
      "scorePerPeriod scoreResponseHeaderName",
  ),
});
