import { z } from "zod";

import { matchesHost } from "../components/ingress/route";
import { resourceName, UserError, type DeployedStack } from "../stack/read-stack";

/** What is diagnosed: a URL, the connection from an app to another, or the whole stack. */
export interface Target {
  /** Such as `https://api.example.com/v1` or `web -> api`. */
  readonly title: string;
  /** The URL's host and path. Undefined for a connection between apps and for the whole stack. */
  readonly url?: { readonly host: string; readonly path: string } | undefined;
  /** The calling and the called app. */
  readonly call?: { readonly from: string; readonly to: string } | undefined;
  /** The apps on the path: the one that serves the URL, the two of a call, or all. */
  readonly apps: readonly string[];
}

const routes = z.array(
  z.object({ url: z.string(), pathType: z.string(), app: z.string(), proxied: z.boolean() }),
);

/** The routes of the stack's apps. */
export const findRoutes = ({ outputs }: DeployedStack) => routes.parse(outputs.routes ?? []);

/** The hosts of a target: the URL's, or those of all its apps. */
export const findHosts = (stack: DeployedStack, { url, apps }: Target): string[] => [
  ...new Set(
    url
      ? [url.host]
      : findRoutes(stack)
          .filter(({ app }) => apps.includes(app))
          .map((route) => new URL(route.url).hostname),
  ),
];

/** The names of the stack's apps. */
const findApps = ({ resources }: DeployedStack): string[] =>
  resources.filter(({ type }) => type === "platform:networking:AppService").map(resourceName);

/**
 * Finds the target of a command line.
 *
 * @param argument A URL, an app's name with `from`, or nothing for the whole stack.
 * @throws {UserError} No app serves the URL, or there is no such app.
 */
export function findTarget(
  stack: DeployedStack,
  argument: string | undefined,
  from: string | undefined,
): Target {
  const apps = findApps(stack);
  const need = (app: string): string => {
    if (!apps.includes(app))
      throw new UserError(
        `The stack ${stack.name} has no app ${app}. It has: ${apps.sort().join(", ") || "none"}.`,
      );
    return app;
  };
  if (argument === undefined) {
    if (from !== undefined)
      throw new UserError("--from needs the called app: npm run doctor -- APP --from APP");
    return { title: `the stack ${stack.name}`, apps };
  }
  if (from !== undefined) {
    const to = need(argument);
    return { title: `${need(from)} -> ${to}`, call: { from, to }, apps: [...new Set([from, to])] };
  }
  const text = argument.includes("://") ? argument : `https://${argument}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new UserError(
      `got ${argument}, want a URL such as https://api.example.com/v1, or an app with --from APP`,
    );
  const { hostname: host, pathname: path } = url;
  const served = findRoutes(stack).filter((route) => matchesHost(new URL(route.url).hostname, host));
  if (served.length === 0) {
    const hosts = [...new Set(findRoutes(stack).map((route) => new URL(route.url).hostname))];
    throw new UserError(
      `No app of the stack ${stack.name} has a route for ${host}. Its hosts: ${hosts.sort().join(", ") || "none"}.`,
    );
  }
  const [best] = served
    .filter((route) => matchesPath(route, path))
    .sort(
      (a, b) =>
        Number(a.url.includes("//*.")) - Number(b.url.includes("//*.")) ||
        b.url.length - a.url.length ||
        a.pathType.localeCompare(b.pathType),
    );
  if (best === undefined)
    throw new UserError(
      `No app has a route for the path ${path} of ${host}, so the ingress answers 404. Its routes: ` +
        `${served.map((route) => `${route.url} (${route.pathType}, ${route.app})`).join(", ")}.`,
    );
  return { title: `https://${host}${path}`, url: { host, path }, apps: [best.app] };
}

/** Whether a route serves a path, as Ingress defines it: prefixes match whole segments. */
function matchesPath(
  { url, pathType }: { readonly url: string; readonly pathType: string },
  path: string,
): boolean {
  return matchesIngressPath({ path: new URL(url).pathname, pathType }, path);
}

export function matchesIngressPath(
  rule: { readonly path: string; readonly pathType: string },
  path: string,
): boolean {
  if (rule.pathType === "Exact") return rule.path === path;
  const prefix = rule.path.replace(/\/$/, "");
  return path === prefix || path.startsWith(`${prefix}/`);
}
