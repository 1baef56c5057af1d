import { parseDurationMs } from "../../units";
import {
  usedFeatures,
  type FeatureCheck,
  type TlsApp,
  type UnsupportedReason,
} from "../../ingress-controller";
import { redirectUrl, type RateLimit, type Route } from "../../route";
import type { BackendTls } from "../../../app/app-ports";
import { nginxRate, nginxRates } from "./nginx-routes";

/** The features of a route that ingress-nginx does not support. */
export function nginxUnsupported({
  paths,
  rateLimit,
  cors,
  headers,
  redirect,
  forwardAuth,
  compress,
}: Route) {
  const request = headers?.request ?? { set: {}, remove: [] };
  const removed = headers?.response.remove ?? [];
  const href = redirect ? redirectUrl(redirect).href : "";
  return usedFeatures([
    ...paths.map(({ path }, index): FeatureCheck => [
      !/^[A-Za-z0-9/._-]*$/.test(path),
      `paths.${index}.path`,
      `got ${path}, but ingress-nginx accepts only letters, digits and / . _ - in a path`,
      "another",
    ]),
    ...paths.map(({ rewrite = "" }, index): FeatureCheck => [
      rewrite !== "",
      `paths.${index}.rewrite`,
      `got ${rewrite}, but with its rewrite-target ingress-nginx takes every path of the host, those of other apps too, as a ` +
        "regular expression without end and case, so that /v1 would match /v10",
      "none",
    ]),
    ...(rateLimit ? rateChecks(rateLimit) : []),
    ...(["methods", "headers"] as const).map((field): FeatureCheck => [
      cors?.[field].length === 0,
      `cors.${field}`,
      "got none, but ingress-nginx then allows its default list",
      "at least one",
    ]),
    ...(["path", "signIn"] as const).map((field): FeatureCheck => [
      !/^[-._~A-Za-z0-9/:,?&=]*$/.test(forwardAuth?.[field] ?? ""),
      `forwardAuth.${field}`,
      `got ${forwardAuth?.[field] ?? ""}, but ingress-nginx accepts only letters, digits and - . _ ~ / : , ? & = in it`,
      "another",
    ]),
    [
      compress === true,
      "compress",
      "is not supported: ingress-nginx compresses the responses of every host or of none",
      "none",
    ],
    [
      Object.keys(request.set).length + request.remove.length > 0,
      "headers.request",
      "is not supported: ingress-nginx changes request headers only by snippets, which are disabled, since with them " +
        "anybody who may write an Ingress could write nginx's configuration",
      "none",
    ],
    [
      removed.length > 0,
      "headers.response.remove",
      `got ${removed.join(", ")}, but ingress-nginx removes headers only by snippets, which are disabled`,
      "none",
    ],
    [
      redirect?.keepPath === true,
      "redirect.keepPath",
      "got true, but without snippets, which are disabled, ingress-nginx redirects every path to the same URL",
      "keepPath: false",
    ],
    [
      !/^[-._~A-Za-z0-9/:?&=]*$/.test(href),
      "redirect.to",
      `got ${redirect?.to ?? ""}, but ingress-nginx accepts only letters, digits and - . _ ~ / : ? & = in it`,
      "another",
    ],
  ]);
}

/** The reason why ingress-nginx does not connect to an app by its TLS; undefined if it does. */
export function nginxUnsupportedTls({
  tls,
  protocol,
}: Pick<TlsApp, "protocol"> & { readonly tls: BackendTls }): UnsupportedReason | undefined {
  if (tls.insecureSkipVerify) return undefined;
  if (protocol === "grpc")
    return {
      problem:
        "cannot be verified with protocol: grpc, since ingress-nginx has annotations for the CA of HTTP only",
      want: "protocol: http",
    };
  return tls.caSecret === undefined
    ? { problem: "has caConfigMap, but ingress-nginx reads a CA from a Secret only", want: "caSecret" }
    : undefined;
}

function rateChecks(rateLimit: RateLimit): FeatureCheck[] {
  const { requests, period, burst = 0 } = rateLimit;
  const limits = nginxRates(rateLimit).map(({ limit }) => limit);
  const multiples = [...new Set(limits.flatMap((limit) => nearestMultiples(burst, limit)))].sort(
    (a, b) => a - b,
  );
  const perMinute = Math.max(1, Math.round((requests * 60_000) / parseDurationMs(period)));
  return [
    [
      limits.length === 0,
      "rateLimit",
      `got ${requests} in ${period}, but ingress-nginx counts whole requests in a second or a minute`,
      `for example ${perMinute} in 1m`,
    ],
    [
      limits.length > 0 && nginxRate(rateLimit) === undefined,
      "rateLimit.burst",
      `got ${burst}, but ingress-nginx counts a burst in multiples of the limit, here ${limits.join(" or ")}`,
      multiples.join(" or "),
    ],
  ];
}

/** The multiples of a limit next to a burst, from one up. */
const nearestMultiples = (burst: number, limit: number): number[] =>
  [Math.floor(burst / limit), Math.ceil(burst / limit)]
    .filter((times) => times > 0)
    .map((times) => times * limit);
