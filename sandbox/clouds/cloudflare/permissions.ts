import type { Context } from "hono";

/** Permissions of a token on some zones. */
export interface Grant {
  /** Names of {@link permissionGroups}. */
  readonly permissions: readonly string[];
  /** Zone ids. Default: all zones of the account, and what belongs to no zone. */
  readonly zones?: readonly string[];
}

/** The token of one request. */
export interface Caller {
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly grants: readonly Grant[];
}

const zoneGroups: readonly (readonly [subject: string, read: string, write: string])[] = [
  ["Cache Settings", "3245da1cf36c45c3847bb9b483c62f97", "9ff81cbbe65c400b97d92c3c1033cab6"],
  ["DNS", "82e64a83756745bbbb1c9c2701bf816b", "4755a26eedb94da69e1066d98aa820be"],
  ["Dynamic URL Redirects", "d8e12db741544d1586ec1d6f5d3c7786", "74e1036f577a48528b78d2413b40538d"],
  ["SSL and Certificates", "7b7216b327b04b8fbc8f524e1f9b7531", "c03055bc037c4ea9afb9a9f104b7b721"],
  ["Zone", "c8fed203ed3043cba015a93ad1616f1f", "e6d2666161e84845a636613608cee8d5"],
  ["Zone Settings", "517b21aee92c4d89936c976ba6e4be55", "3030687196b94b638145a3953da2b699"],
  ["Zone Transform Rules", "211a4c0feb3e43b3a2d41f1443a433e7", "0ac90a90249747bca6b047d97f0803e9"],
  ["Zone WAF", "dbc512b354774852af2b5a5f4ba3d470", "fb6778dc191143babbfaa57993f1d275"],
];

/** The permission groups of zones that the emulated API requires, with Cloudflare's own ids: the same in every account. */
export const zonePermissionGroups = zoneGroups.flatMap(([subject, read, write]) => [
  { id: read, name: `${subject} Read` },
  { id: write, name: `${subject} Write` },
]);

/**
 * All permission groups that the emulated API requires.
 *
 * @see https://developers.cloudflare.com/fundamentals/api/reference/permissions/
 */
export const permissionGroups = [
  { id: "0cc3a61731504c89b99ec1be78b77aa0", name: "API Tokens Read" },
  { id: "686d18d5ac6c441c867cbf6771e58a0a", name: "API Tokens Write" },
  ...zonePermissionGroups,
];

/** Every permission on everything, as the token of an account's owner has. */
export const allPermissions: readonly Grant[] = [{ permissions: permissionGroups.map(({ name }) => name) }];

const key = "caller";

/** Stores the caller for {@link getCaller}. */
export function setCaller(c: Context, caller: Caller): void {
  c.set(key, caller);
}

/** @throws {Error} the route is not behind the check of tokens. */
export function getCaller(c: Context): Caller {
  const caller = c.get(key) as Caller | undefined;
  if (caller === undefined) throw new Error(`no token was checked before ${c.req.method} ${c.req.path}`);
  return caller;
}

/**
 * Whether the caller has the permission, e.g. `DNS Read`, which `DNS Write` includes.
 *
 * @param zone the zone's id. Default: any zone.
 */
export function hasPermission(c: Context, permission: string, zone?: string): boolean {
  const enough = [permission, permission.replace(/ Read$/, " Write")];
  return getCaller(c).grants.some(
    ({ permissions, zones }) =>
      enough.some((name) => permissions.includes(name)) &&
      (zone === undefined || zones === undefined || zones.includes(zone)),
  );
}

/** The legacy names of permission groups in a zone's `permissions`. */
const legacyNames: readonly (readonly [legacy: string, subject: string])[] = [
  ["dns_records", "DNS"],
  ["ssl", "SSL and Certificates"],
  ["waf", "Zone WAF"],
  ["zone", "Zone"],
  ["zone_settings", "Zone Settings"],
];

/** The caller's permissions in a zone's `permissions`: `#<legacy name>:edit` and `#<legacy name>:read`, sorted. */
export function listZonePermissions(c: Context, zone: string): readonly string[] {
  return legacyNames.flatMap(([legacy, subject]) => [
    ...(hasPermission(c, `${subject} Write`, zone) ? [`#${legacy}:edit`] : []),
    ...(hasPermission(c, `${subject} Read`, zone) ? [`#${legacy}:read`] : []),
  ]);
}
