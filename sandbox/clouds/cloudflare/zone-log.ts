import * as fs from "node:fs";

import { recordsHistory } from "../../history";
import type { Store } from "../store";

/** One change of a zone by any client. Contains no private key or token. */
export interface ZoneChange {
  /** Zone id. */
  readonly zone: string;
  readonly kind:
    "dns_record" | "setting" | "dnssec" | "ruleset" | "origin_pull_certificate" | "origin_pull_settings";
  readonly op: "create" | "update" | "delete";
  /** The id of the changed object; of the zone for what a zone has once. */
  readonly id: string;
  /** As the API showed it before; absent for a create. */
  readonly before?: unknown;
  /** As the API shows it now; absent for a delete. */
  readonly after?: unknown;
}

/** An entry of the log. */
export interface ZoneLogEntry extends ZoneChange {
  /** Counts up from 1. */
  readonly seq: number;
  /** ISO 8601 in UTC, with milliseconds. */
  readonly at: string;
}

/** How many entries the log of a store has. */
const lengths = new WeakMap<Store, number>();

const logFile = (store: Store) => store.beside("zone-log.jsonl");

/**
 * Appends a change to the log. The store has the present state, the log also states in between, such as a moment without
 * firewall rules. To be called before the change is answered.
 */
export function logZone(store: Store, change: ZoneChange): void {
  if (!recordsHistory()) return;
  const seq = (lengths.get(store) ?? truncateIncompleteLine(logFile(store))) + 1;
  const entry: ZoneLogEntry = { seq, at: new Date().toISOString(), ...change };
  fs.appendFileSync(logFile(store), `${JSON.stringify(entry)}\n`, { mode: 0o600, flush: true });
  lengths.set(store, seq);
}

/** The entries of the log, oldest first. */
export function readZoneLog(store: Store): readonly ZoneLogEntry[] {
  return completeLines(read(logFile(store))).map((line) => JSON.parse(line) as ZoneLogEntry);
}

/** Removes a last line that a kill left incomplete, of a change that was never answered. Returns the number of lines left. */
function truncateIncompleteLine(file: string): number {
  const text = read(file);
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  if (whole !== text) fs.truncateSync(file, Buffer.byteLength(whole));
  return completeLines(whole).length;
}

const read = (file: string): string => (fs.existsSync(file) ? fs.readFileSync(file, "utf8") : "");

const completeLines = (text: string): readonly string[] => text.split("\n").slice(0, -1);
