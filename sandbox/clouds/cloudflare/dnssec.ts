import { createECDH, createHash } from "node:crypto";

import { Hono } from "hono";
import { z } from "zod";

import type { Store } from "../store";
import type { Zone } from "./accounts";
import { parseBody, parseQuery, success } from "./api";
import { logZone } from "./zone-log";
import { getZone } from "./zones";

/** Zone id -> the last request. A zone without one is disabled. */
type RequestedDnssec = Record<string, State>;

interface State {
  readonly isOn: boolean;
  readonly dnssec_multi_signer: boolean;
  readonly dnssec_presigned: boolean;
  readonly dnssec_use_nsec3: boolean;
  readonly modified_on: string | null;
}

const initialState: State = {
  isOn: false,
  dnssec_multi_signer: false,
  dnssec_presigned: false,
  dnssec_use_nsec3: false,
  modified_on: null,
};

const dnssecBody = (store: Store) => store.section<RequestedDnssec>("cloudflare-dnssec", () => ({}));

/** DNSSEC of the zones where it was ever changed. */
export function getAllDnssec(store: Store): readonly { readonly zone: string; readonly status: string }[] {
  return Object.entries(dnssecBody(store)).map(([zone, { isOn }]) => ({ zone, status: getStatus(isOn) }));
}

/** `active` only after the registrar has published the DS record, which never happens in the sandbox. */
const getStatus = (isOn: boolean) => (isOn ? "pending" : "disabled");

const change = z
  .strictObject({
    status: z.enum(["active", "disabled"]),
    dnssec_multi_signer: z.boolean(),
    dnssec_presigned: z.boolean(),
    dnssec_use_nsec3: z.boolean(),
  })
  .partial();

/** Routes of one zone's DNSSEC. */
export function dnssecRoutes(store: Store): Hono {
  const app = new Hono();
  const put = (zone: Zone, op: "update" | "delete", next: Omit<State, "modified_on">) => {
    const before = shown(store, zone);
    dnssecBody(store)[zone.id] = { ...next, modified_on: new Date().toISOString() };
    store.save();
    const after = shown(store, zone);
    logZone(store, {
      zone: zone.id,
      kind: "dnssec",
      op,
      id: zone.id,
      before,
      ...(op === "update" && { after }),
    });
    return after;
  };

  app.get("/", (c) => {
    parseQuery(c, []);
    return c.json(success(shown(store, getZone(store, c))));
  });
  app.patch("/", async (c) => {
    const zone = getZone(store, c);
    const { status, ...flags } = await parseBody(c, change);
    const last = dnssecBody(store)[zone.id] ?? initialState;
    const isOn = status === undefined ? last.isOn : status === "active";
    return c.json(success(put(zone, "update", { ...last, ...flags, isOn })));
  });
  app.delete("/", (c) => {
    put(getZone(store, c), "delete", initialState);
    return c.json(success(""));
  });
  return app;
}

function shown(store: Store, zone: Zone) {
  const { isOn, ...rest } = dnssecBody(store)[zone.id] ?? initialState;
  const none = { flags: null, algorithm: null, key_type: null, digest_type: null, digest_algorithm: null };
  const key = isOn ? signingKey(zone) : { ...none, digest: null, ds: null, key_tag: null, public_key: null };
  return { status: getStatus(isOn), ...key, ...rest };
}

const [flags, protocol, algorithm, sha256] = [257, 3, 13, 2];

/**
 * The zone's key-signing key, always the same, with its DS record.
 *
 * @see https://www.rfc-editor.org/rfc/rfc4034 sections 2.1, 5.1.4 and appendix B
 */
function signingKey(zone: Zone) {
  const pair = createECDH("prime256v1");
  pair.setPrivateKey(createHash("sha256").update(`key of ${zone.id}`).digest());
  // A DNSKEY omits the first octet, which marks an uncompressed point.
  const publicKey = pair.getPublicKey().subarray(1);
  const data = Buffer.concat([Buffer.from([flags >> 8, flags & 0xff, protocol, algorithm]), publicKey]);
  const labels = zone.name
    .split(".")
    .map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`));
  const owner = Buffer.concat([...labels, Buffer.from([0])]);
  const digest = createHash("sha256").update(owner).update(data).digest("hex").toUpperCase();
  const tag = keyTag(data);
  return {
    flags,
    algorithm: String(algorithm),
    key_type: "ECDSAP256SHA256",
    digest_type: String(sha256),
    digest_algorithm: "SHA256",
    digest,
    ds: `${zone.name}. 3600 IN DS ${tag} ${algorithm} ${sha256} ${digest}`,
    key_tag: tag,
    public_key: publicKey.toString("base64"),
  };
}

function keyTag(data: Buffer): number {
  const sum = data.reduce((total, octet, index) => total + (index % 2 === 0 ? octet << 8 : octet), 0);
  return (sum + (sum >>> 16)) & 0xffff;
}
