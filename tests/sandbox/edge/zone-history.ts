import type { ZoneLogEntry } from "../../../sandbox/clouds/client";

/** A record of a zone, as far as a resolver sees it. */
export interface ZoneRecord {
  readonly name: string;
  readonly type: string;
  readonly content: string;
}

/** A client certificate that a zone holds for its edge. */
export interface EdgeCertificate {
  readonly certificate: string;
  readonly status: string;
}

/** A zone as it stood after one change. */
export interface ZoneState {
  /** Of the change; 0 before the first. */
  readonly seq: number;
  /** When it was changed: milliseconds since 1970. */
  readonly at: number;
  /** By id. */
  readonly records: ReadonlyMap<string, ZoneRecord>;
  /** By id, those that became active last at the end. */
  readonly certificates: ReadonlyMap<string, EdgeCertificate>;
  /** Whether the edge shows a client certificate to origins. */
  readonly pullsOn: boolean;
}

const untouched: ZoneState = { seq: 0, at: 0, records: new Map(), certificates: new Map(), pullsOn: false };

/**
 * Every state that a zone went through, oldest first: one before the first change, and one after each.
 *
 * @param log the whole log of one zone.
 * @throws {Error} the log contradicts itself, e.g. changes what is not there: then it proves nothing.
 */
export function zoneStates(log: readonly ZoneLogEntry[]): readonly ZoneState[] {
  const states = [untouched];
  for (const entry of log) states.push(after(states.at(-1) ?? untouched, entry));
  return states;
}

function after(state: ZoneState, entry: ZoneLogEntry): ZoneState {
  const { seq, at, kind, after: value } = entry;
  const next = { ...state, seq, at: Date.parse(at) };
  if (seq !== state.seq + 1) throw new Error(`the zone log goes from ${state.seq} to ${seq}`);
  if (kind === "dns_record") return { ...next, records: changed(state.records, entry) };
  if (kind === "origin_pull_certificate")
    return { ...next, certificates: changed(state.certificates, entry) };
  if (kind === "origin_pull_settings") return { ...next, pullsOn: value?.enabled === true };
  return next;
}

/** Moves a changed entry to the end. */
function changed<T extends object>(
  things: ReadonlyMap<string, T>,
  { seq, op, id, after: value }: ZoneLogEntry,
): ReadonlyMap<string, T> {
  if (things.has(id) !== (op !== "create") || (value === undefined) !== (op === "delete"))
    throw new Error(`entry ${seq} of the zone log cannot be: ${op} ${id}`);
  const next = new Map(things);
  next.delete(id);
  return value === undefined ? next : next.set(id, value as T);
}

/**
 * The names that a resolver gets addresses for: of A and AAAA records, and of a CNAME whose target resolves. A target
 * outside the zone counts as resolving.
 *
 * @param zone its name, e.g. `example.com`.
 */
export function resolving(records: Iterable<ZoneRecord>, zone: string): ReadonlySet<string> {
  const all = [...records];
  const names = new Set(all.map(({ name }) => name));
  const resolves = (name: string, seen: readonly string[]): boolean =>
    all.some((record) => {
      if (record.name !== name) return false;
      if (record.type !== "CNAME") return record.type === "A" || record.type === "AAAA";
      const target = record.content;
      if (target !== zone && !target.endsWith(`.${zone}`)) return true;
      return !seen.includes(target) && resolves(target, [...seen, target]);
    });
  return new Set([...names].filter((name) => resolves(name, [name])));
}

/** A name that resolves at the beginning and at the end, but not after the change `seq`. */
export interface Gap {
  readonly name: string;
  readonly seq: number;
}

/** The moments in which a name did not resolve that resolves in the first of the states and in the last. */
export function gaps(states: readonly ZoneState[], zone: string): readonly Gap[] {
  const sets = states.map(({ seq, records }) => ({ seq, names: resolving(records.values(), zone) }));
  const last = sets.at(-1)?.names ?? new Set();
  const lasting = [...(sets[0]?.names ?? [])].filter((name) => last.has(name));
  return sets.flatMap(({ seq, names }) =>
    lasting.filter((name) => !names.has(name)).map((name) => ({ name, seq })),
  );
}

/** In place of a certificate's PEM: the one that Cloudflare shows for every zone that has none of its own. */
export const shared = "Cloudflare's shared certificate";

/** The edge's client certificate for an origin: the zone's newest active one, {@link shared}, or none. */
export function shown({ pullsOn, certificates }: ZoneState): string | undefined {
  if (!pullsOn) return undefined;
  const active = [...certificates.values()].filter(({ status }) => status === "active");
  return active.at(-1)?.certificate ?? shared;
}
