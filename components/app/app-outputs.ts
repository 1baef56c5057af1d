import * as pulumi from "@pulumi/pulumi";

import type { ResolvedRoute } from "../ingress/route";
import type { AppService } from "./app-service";

interface RoutedApp {
  readonly name: string;
  readonly port?: number | undefined;
  readonly routes: readonly ResolvedRoute[];
}

/** One row for each host and path of the apps, in the order of the settings. */
export const routeTable = (apps: readonly RoutedApp[]) =>
  apps.flatMap(({ name: app, port, routes }) =>
    routes.flatMap(({ host, proxied, paths }) =>
      paths.map(({ path, pathType }) => ({ url: `https://${host}${path}`, pathType, app, port, proxied })),
    ),
  );

/** The in-cluster URL of each app that has a Service, by the app's name. */
export const appUrls = (apps: readonly AppService[]) =>
  pulumi.all(
    Object.fromEntries(apps.flatMap(({ name, url }) => (url === undefined ? [] : [[name, url] as const]))),
  );

/** The generated passwords by app, each by `<user>@<host>`; without the apps that have none. Secret. */
export const appPasswords = (apps: readonly AppService[]) =>
  pulumi
    .all(Object.fromEntries(apps.map((app) => [app.name, app.passwords])))
    .apply((all) =>
      Object.fromEntries(Object.entries(all).filter(([, each]) => Object.keys(each).length > 0)),
    );
