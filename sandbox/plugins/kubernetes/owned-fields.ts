import { isDeepStrictEqual } from "node:util";

import type { Props } from "../fake-provider";
import { isRecord, list, record } from "./values";

/** Whether a list's element is the one that a key such as `k:{"port":80}` or `v:"x"` means. */
function matchesKey(element: unknown, key: string): boolean {
  const wanted: unknown = JSON.parse(key.slice(2));
  if (key.startsWith("v:")) return isDeepStrictEqual(element, wanted);
  return Object.entries(record(wanted)).every(([name, value]) => record(element)[name] === value);
}

/** The part of a value that a tree of owned fields names; a tree without branches means all of it. */
function pickFields(value: unknown, fields: Props): unknown {
  const branches = Object.entries(fields).filter(([key]) => key !== ".");
  if (branches.length === 0) return value;
  if (isRecord(value))
    return Object.fromEntries(
      branches
        .map(([key, below]) => [key.slice(2), below] as const)
        .filter(([name]) => name in value)
        .map(([name, below]) => [name, pickFields(value[name], record(below))] as const),
    );
  return list(value).flatMap((element) => {
    const branch = branches.find(([key]) => matchesKey(element, key));
    return branch === undefined ? [] : [pickFields(element, record(branch[1]))];
  });
}

/**
 * The fields of the live object that this manager applied, as the API server keeps account of them; undefined if it
 * applied none.
 */
export function findOwnedFields(manager: string, live: Props): Props | undefined {
  const entry = list(record(live.metadata).managedFields)
    .map(record)
    .find((candidate) => candidate.manager === manager && candidate.operation === "Apply");
  return entry && record(pickFields(live, record(entry.fieldsV1)));
}
