import type { Props } from "../fake-provider";
import { FIELD_MANAGER } from "./api-server";
import { findOwnedFields } from "./owned-fields";
import { isRecord, record } from "./values";

/** Keys that identify the elements of a list, the most specific first. */
const KEYS = ["name", "containerPort", "mountPath", "port", "key", "type", "ip", "uid"];

const isEmpty = (value: unknown): boolean =>
  value === null ||
  (Array.isArray(value) && value.length === 0) ||
  (isRecord(value) && Object.keys(value).length === 0);

/**
 * The live value, restricted to what the program set: a changed field shows, and so does one that has gone; what
 * others added does not. Nulls and empty values that the API server dropped count as kept.
 */
export function restrict(program: unknown, live: unknown): unknown {
  if (isRecord(program) && isRecord(live)) return restrictRecord(program, live);
  if (Array.isArray(program) && Array.isArray(live)) return restrictList(program, live);
  return live;
}

function restrictRecord(program: Props, live: Props): Props {
  return Object.fromEntries(
    Object.entries(program)
      .filter(([key, value]) => key in live || isEmpty(value))
      .map(([key, value]) => [key, key in live ? restrict(value, live[key]) : value] as const),
  );
}

/** Elements are matched by what identifies them, so that a sidecar put in by another is no change; else by place. */
function restrictList(program: readonly unknown[], live: readonly unknown[]): readonly unknown[] {
  const key = KEYS.find(
    (candidate) =>
      [...program, ...live].every((element) => isRecord(element) && element[candidate] !== undefined) &&
      new Set(program.map((element) => record(element)[candidate])).size === program.length,
  );
  if (key === undefined)
    return live.slice(0, program.length).map((element, index) => restrict(program[index], element));
  return program.flatMap((element) => {
    const wanted = record(element)[key];
    const match = live.find((candidate) => record(candidate)[key] === wanted);
    return match === undefined ? [] : [restrict(element, match)];
  });
}

const decodeBase64 = (base64: unknown): string => Buffer.from(String(base64), "base64").toString("utf8");

/** The inputs that the live object amounts to, for a program that gave `program`. */
export function toInputs(program: Props, live: Props): Props {
  const { stringData, ...rest } = program;
  const restricted = restrictRecord(rest, live);
  if (!isRecord(stringData)) return restricted;
  // The API server takes stringData and shows data: what the program wrote is read back from there.
  const data = record(live.data);
  const readBack = Object.keys(stringData)
    .filter((key) => key in data)
    .map((key) => [key, decodeBase64(data[key])] as const);
  return { ...restricted, stringData: Object.fromEntries(readBack) };
}

/** The object without the API server's own bookkeeping of who set which field. */
export function toOutputs(live: Props): Props {
  const metadata = Object.entries(record(live.metadata)).filter(([key]) => key !== "managedFields");
  return { ...live, metadata: Object.fromEntries(metadata) };
}

/**
 * The inputs of an import: what an earlier run of ours applied, so that a resource whose making was interrupted comes
 * back without a difference; of a stranger's object, all that a program could have said.
 */
export function toImportedInputs(live: Props): Props {
  const { name, namespace, labels, annotations } = record(live.metadata);
  const owned = findOwnedFields(FIELD_MANAGER, live);
  if (owned !== undefined) {
    const metadata = { name, ...(namespace === undefined ? {} : { namespace }), ...record(owned.metadata) };
    return { apiVersion: live.apiVersion, kind: live.kind, ...owned, metadata };
  }
  const spoken = Object.entries(live).filter(([key]) => key !== "status");
  return { ...Object.fromEntries(spoken), metadata: { name, namespace, labels, annotations } };
}
