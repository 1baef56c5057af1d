import type { Context } from "hono";
import { Hono } from "hono";
import { z } from "zod";

import type { Store } from "../store";
import type { Zone } from "./accounts";
import { parseBody, parseQuery, ErrorResponse, success } from "./api";
import { logZone } from "./zone-log";
import { getZone } from "./zones";

/** A setting that every zone has. */
interface SettingType {
  /** Value of a new zone. */
  readonly initial: unknown;
  /** Valid values. */
  readonly values: z.ZodType;
}

const oneOf = (initial: string, ...others: readonly string[]): SettingType => ({
  initial,
  values: z.enum([initial, ...others]),
});

const hstsOff = { enabled: false, max_age: 0, include_subdomains: false, preload: false, nosniff: false };
const securityHeader = z.strictObject({
  strict_transport_security: z.strictObject({
    enabled: z.boolean(),
    max_age: z.int().nonnegative(),
    include_subdomains: z.boolean(),
    preload: z.boolean(),
    nosniff: z.boolean(),
  }),
});

/**
 * The settings that the program changes, by id. Every plan may change them. Others are refused.
 *
 * @see https://developers.cloudflare.com/api/resources/zones/subresources/settings/
 */
const settingTypes: ReadonlyMap<string, SettingType> = new Map([
  ["0rtt", oneOf("off", "on")],
  ["always_use_https", oneOf("off", "on")],
  ["brotli", oneOf("on", "off")],
  ["http3", oneOf("on", "off")],
  ["min_tls_version", oneOf("1.0", "1.1", "1.2", "1.3")],
  ["security_header", { initial: { strict_transport_security: hstsOff }, values: securityHeader }],
  ["ssl", oneOf("full", "off", "flexible", "strict")],
  ["tls_1_3", oneOf("on", "off")],
  ["websockets", oneOf("on", "off")],
]);

/** Zone id -> setting id -> the last change. Unchanged settings are absent. */
type ChangedSettings = Record<string, Record<string, { value: unknown; modified_on: string }>>;

const getChangedSettings = (store: Store) =>
  store.section<ChangedSettings>("cloudflare-settings", () => ({}));

/** The settings that were ever changed, of all zones. They outlive a destroy: a setting cannot be deleted. */
export function getAllSettings(
  store: Store,
): readonly { readonly zone: string; readonly id: string; readonly value: unknown }[] {
  return Object.entries(getChangedSettings(store)).flatMap(([zone, settings]) =>
    Object.keys(settings).map((id) => ({ zone, id, value: getValue(store, zone, id) })),
  );
}

/** Routes of one zone's settings: read and PATCH of one. */
export function settingRoutes(store: Store): Hono {
  const app = new Hono();
  app.get("/:setting", (c) => {
    parseQuery(c, []);
    return c.json(success(showSetting(store, getZone(store, c), findSetting(c).id)));
  });
  app.patch("/:setting", async (c) => {
    const [zone, { id, values }] = [getZone(store, c), findSetting(c)];
    const body = await parseBody(c, z.strictObject({ value: z.unknown() }).partial());
    const wanted = values.safeParse(body.value);
    if (!wanted.success)
      throw new ErrorResponse(400, [{ code: 1007, message: `Invalid value for zone setting ${id}` }]);
    const before = showSetting(store, zone, id);
    const settings = (getChangedSettings(store)[zone.id] ??= {});
    settings[id] = { value: wanted.data, modified_on: new Date().toISOString() };
    store.save();
    const after = showSetting(store, zone, id);
    logZone(store, { zone: zone.id, kind: "setting", op: "update", id, before, after });
    return c.json(success(after));
  });
  return app;
}

function findSetting(c: Context) {
  const id = c.req.param("setting") ?? "";
  const type = settingTypes.get(id);
  if (type === undefined)
    throw new ErrorResponse(400, [{ code: 1006, message: `Unrecognized zone setting name: ${id}` }]);
  return { id, ...type };
}

const showSetting = (store: Store, zone: Zone, id: string) => ({
  id,
  value: getValue(store, zone.id, id),
  editable: true,
  modified_on: getChangedSettings(store)[zone.id]?.[id]?.modified_on ?? null,
});

/** `zrt` is TLS 1.3 with 0-RTT: `tls_1_3` reads back as it while both are on. */
function getValue(store: Store, zone: string, id: string): unknown {
  const stored = (setting: string) =>
    getChangedSettings(store)[zone]?.[setting]?.value ?? settingTypes.get(setting)?.initial;
  const value = stored(id);
  return id === "tls_1_3" && value === "on" && stored("0rtt") === "on" ? "zrt" : value;
}
