import { randomUUID } from "node:crypto";

import type { Context } from "hono";
import { Hono } from "hono";
import { z } from "zod";

import type { Store } from "../store";
import { parseBody, parseQuery, ErrorResponse, success } from "./api";
import { validateCertificate, type CertificateFacts } from "./client-certificate";
import { logZone } from "./zone-log";
import { getZone } from "./zones";

/** A client certificate of a zone. Its key is checked and not stored. */
interface Certificate extends CertificateFacts {
  readonly id: string;
  /** Exactly as it was uploaded. */
  readonly certificate: string;
  readonly status: "pending_deployment" | "active";
  readonly uploaded_on: string;
}

interface OriginPulls {
  /** Zone id -> its certificates, oldest first. */
  readonly certificates: Record<string, Certificate[]>;
  /** Zone id -> the last request. A zone without one is off. */
  readonly enabled: Record<string, boolean>;
}

const getOriginPulls = (store: Store) =>
  store.section<OriginPulls>("cloudflare-origin-pulls", () => ({ certificates: {}, enabled: {} }));

/** The time until a certificate is active at the edge, in milliseconds; in reality minutes. */
const deployment = 1000;

/** Authenticated origin pulls of all zones: the certificates, and the settings that were ever changed. */
export function getAllOriginPulls(store: Store, now: () => number) {
  deploy(store, now());
  const { certificates, enabled } = getOriginPulls(store);
  return {
    certificates: Object.entries(certificates).flatMap(([zone, all]) =>
      all.map((one) => ({ zone, ...shown(store, zone, one) })),
    ),
    settings: Object.entries(enabled).map(([zone, isEnabled]) => ({ zone, enabled: isEnabled })),
  };
}

/** Activates the certificates whose time has come, and logs it: called before every change, so that the log is in order. */
export function deploy(store: Store, now: number): void {
  for (const [zone, all] of Object.entries(getOriginPulls(store).certificates))
    for (const [index, before] of all.entries()) {
      if (before.status === "active" || now - Date.parse(before.uploaded_on) < deployment) continue;
      const after: Certificate = { ...before, status: "active" };
      all[index] = after;
      store.save();
      log(store, zone, "update", { before, after });
    }
}

const upload = z.strictObject({ certificate: z.string().min(1), private_key: z.string().min(1) });

/**
 * Routes of one zone's authenticated origin pulls, with certificates of its own. The edge shows the certificate that
 * became active last, or Cloudflare's shared one.
 *
 * @param now milliseconds.
 * @see https://developers.cloudflare.com/ssl/origin-configuration/authenticated-origin-pull/set-up/zone-level/
 */
export function originPullRoutes(store: Store, now: () => number): Hono {
  const app = new Hono();
  const listOf = (c: Context): Certificate[] => {
    const { id } = getZone(store, c);
    deploy(store, now());
    return (getOriginPulls(store).certificates[id] ??= []);
  };
  const indexOf = (c: Context): number => {
    const index = listOf(c).findIndex(({ id }) => id === c.req.param("certificate"));
    if (index < 0) throw new ErrorResponse(404, [{ code: 1406, message: "Certificate not found." }]);
    return index;
  };
  const answer = (c: Context, one: Certificate) => c.json(success(shown(store, getZone(store, c).id, one)));

  app.get("/settings", (c) => {
    parseQuery(c, []);
    return c.json(success({ enabled: isEnabled(store, getZone(store, c).id) }));
  });
  app.put("/settings", async (c) => {
    const { id: zone } = getZone(store, c);
    const after = await parseBody(c, z.strictObject({ enabled: z.boolean() }));
    const before = { enabled: isEnabled(store, zone) };
    deploy(store, now());
    getOriginPulls(store).enabled[zone] = after.enabled;
    store.save();
    logZone(store, { zone, kind: "origin_pull_settings", op: "update", id: zone, before, after });
    return c.json(success(after));
  });
  app.post("/", async (c) => {
    const [{ id: zone }, all] = [getZone(store, c), listOf(c)];
    const { certificate, private_key } = await parseBody(c, upload);
    const one: Certificate = {
      id: randomUUID(),
      certificate,
      ...validateCertificate(certificate, private_key, now()),
      status: "pending_deployment",
      uploaded_on: new Date(now()).toISOString(),
    };
    all.push(one);
    store.save();
    log(store, zone, "create", { after: one });
    return answer(c, one);
  });
  app.get("/:certificate", (c) => {
    parseQuery(c, []);
    return answer(c, listOf(c)[indexOf(c)] as Certificate);
  });
  app.delete("/:certificate", (c) => {
    const { id: zone } = getZone(store, c);
    const [one] = listOf(c).splice(indexOf(c), 1) as [Certificate];
    store.save();
    log(store, zone, "delete", { before: one });
    return c.json(success({ ...shown(store, zone, one), status: "pending_deletion" }));
  });
  return app;
}

function log(
  store: Store,
  zone: string,
  op: "create" | "update" | "delete",
  { before, after }: { readonly before?: Certificate; readonly after?: Certificate },
): void {
  const id = (after ?? before)?.id ?? "";
  logZone(store, {
    zone,
    kind: "origin_pull_certificate",
    op,
    id,
    ...(before && { before: shown(store, zone, before) }),
    ...(after && { after: shown(store, zone, after) }),
  });
}

const isEnabled = (store: Store, zone: string): boolean => getOriginPulls(store).enabled[zone] ?? false;

/** `enabled` is the zone's, on each of its certificates. */
const shown = (store: Store, zone: string, one: Certificate) => ({ ...one, enabled: isEnabled(store, zone) });
