import { prefixPaths, type ConfigError } from "./config-error";
import type { AppConfig, Config } from "./schema";
import type { AppRoute, Zone } from "./zone";

/** The inputs of rules: the sections of the configuration, and what is computed from them once. */
export interface Facts extends Omit<Config, "apps"> {
  /** The apps without errors of their own, by name. */
  readonly apps: Readonly<Record<string, AppConfig>>;
  /** The names of all apps. */
  readonly appNames: readonly string[];
  /** The calls and routes of all apps, those of apps with errors too as far as they are valid. */
  readonly calls: readonly { readonly path: string; readonly callee: string }[];
  readonly routes: readonly AppRoute[];
  /** The hosts and records that follow from `dns`, `ownsZone` and `routes`. */
  readonly zone: Zone;
  /** The same, for a rule about what is absent: only if no app has errors of its own. */
  readonly completeZone: Zone;
}

/** The facts that are known. A section with errors is absent; an optional one that was omitted is `undefined`. */
export type KnownFacts = Partial<Facts>;

/** A rule across settings; the errors it finds. */
export type Rule = (known: KnownFacts) => ConfigError[];

/** A rule that runs if all facts it needs are known. */
export const rule =
  <K extends keyof Facts>(
    needs: readonly K[],
    check: (facts: Pick<Facts, K>) => readonly ConfigError[],
  ): Rule =>
  (known) =>
    hasFacts(known, needs) ? [...check(known)] : [];

/** Whether these facts are known. */
export const hasFacts = <K extends keyof Facts>(
  known: KnownFacts,
  needs: readonly K[],
): known is KnownFacts & Pick<Facts, K> => needs.every((key) => Object.hasOwn(known, key));

export type NamedApp = AppConfig & { readonly name: string };

/** A rule about each valid app. The paths of its errors are below the app. */
export const appRule = <K extends keyof Facts>(
  needs: readonly K[],
  check: (app: NamedApp, facts: Pick<Facts, K | "apps">) => readonly ConfigError[],
): Rule =>
  rule<K | "apps">([...needs, "apps"], (facts) =>
    Object.entries(facts.apps).flatMap(([name, app]) =>
      prefixPaths(`apps.${name}`, check({ ...app, name }, facts)),
    ),
  );

/** A rule about each valid route. The paths of its errors are below the route. */
export const routeRule = <K extends keyof Facts>(
  needs: readonly K[],
  check: (route: AppRoute["route"], facts: Pick<Facts, K | "routes">, of: AppRoute) => readonly ConfigError[],
): Rule =>
  rule<K | "routes">([...needs, "routes"], (facts) =>
    facts.routes.flatMap((each) => prefixPaths(each.path, check(each.route, facts, each))),
  );
