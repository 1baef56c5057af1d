import { createHash } from "node:crypto";

import { Hono } from "hono";
import { z } from "zod";

import type { Store } from "../store";
import type { Zone } from "./accounts";
import { parseBody, parseQuery, success } from "./api";
import { logZone } from "./zone-log";
import { getZone } from "./zones";

interface State {
  readonly isOn: boolean;
  readonly modified_on: string | null;
}

/** Zone id -> its state. A zone without one was never changed. */
const getStates = (store: Store) => store.section<Record<string, State>>("cloudflare-dnssec", () => ({}));

/** DNSSEC of the zones where it was ever changed. */
export function getAllDnssec(store: Store): readonly { readonly zone: string; readonly status: string }[] {
  return Object.entries(getStates(store)).map(([zone, { isOn }]) => ({ zone, status: getStatus(isOn) }));
}

/** `active` only after the registrar has published the DS record, which never happens in the sandbox. */
const getStatus = (isOn: boolean) => (isOn ? "pending" : "disabled");

const change = z.strictObject({ status: z.enum(["active", "disabled"]).optional() });

/** Routes of one zone's DNSSEC. */
export function dnssecRoutes(store: Store): Hono {
  const app = new Hono();
  const put = (zone: Zone, op: "update" | "delete", isOn: boolean) => {
    const before = shown(store, zone);
    getStates(store)[zone.id] = { isOn, modified_on: new Date().toISOString() };
    store.save();
    const after = shown(store, zone);
    const rest = op === "update" ? { before, after } : { before };
    logZone(store, { zone: zone.id, kind: "dnssec", op, id: zone.id, ...rest });
    return after;
  };

  app.get("/", (c) => {
    parseQuery(c, []);
    return c.json(success(shown(store, getZone(store, c))));
  });
  app.patch("/", async (c) => {
    const zone = getZone(store, c);
    const { status } = await parseBody(c, change);
    const isOn = status === undefined ? (getStates(store)[zone.id]?.isOn ?? false) : status === "active";
    return c.json(success(put(zone, "update", isOn)));
  });
  app.delete("/", (c) => {
    put(getZone(store, c), "delete", false);
    return c.json(success(""));
  });
  return app;
}

function shown(store: Store, zone: Zone) {
  const { isOn, modified_on } = getStates(store)[zone.id] ?? { isOn: false, modified_on: null };
  const key = signingKey(zone);
  return {
    status: getStatus(isOn),
    ...(isOn ? key : Object.fromEntries(Object.keys(key).map((name) => [name, null] as const))),
    dnssec_multi_signer: false,
    dnssec_presigned: false,
    dnssec_use_nsec3: false,
    modified_on,
  };
}

/** The fields of the zone's key-signing key, always the same. No resolver validates them: key and digest are only of the right form. */
function signingKey({ id, name }: Zone) {
  const hash = (text: string) => createHash("sha256").update(`${text} of ${id}`).digest();
  const [tag, digest] = [hash("tag").readUInt16BE(0), hash("digest").toString("hex").toUpperCase()];
  return {
    flags: 257,
    algorithm: "13",
    key_type: "ECDSAP256SHA256",
    digest_type: "2",
    digest_algorithm: "SHA256",
    digest,
    ds: `${name}. 3600 IN DS ${tag} 13 2 ${digest}`,
    key_tag: tag,
    public_key: Buffer.concat([hash("x"), hash("y")]).toString("base64"),
  };
}
