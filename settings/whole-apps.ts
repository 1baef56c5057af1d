import type { Readable } from "./cross-faults";
import type { AppConfig } from "./schema";

/** An app; or where it could not be read as a whole, what could. */
export type ReadableApp = AppConfig | Pick<AppConfig, "calls" | "routes">;

/** The apps that could be read as a whole, with their names. */
export const wholeApps = (apps: Readable["apps"]): [name: string, app: AppConfig][] =>
  Object.entries(apps).flatMap(([name, each]): [string, AppConfig][] =>
    "port" in each ? [[name, each]] : [],
  );
