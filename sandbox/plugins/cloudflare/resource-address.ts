import type { ReadResult } from "../fake-provider";
import { HttpError } from "./client";

/**
 * The zone of a resource, and its own id: an import id has both, a state has the zone among its properties.
 *
 * @param form of the import id, such as `<zone_id>/<dns_record_id>`.
 * @throws {Error} neither has the zone.
 */
export function parseAddress(
  id: string,
  last: ReadResult,
  form: string,
): { readonly zone: string; readonly own: string } {
  const [first = "", second] = id.split("/");
  const zone = second === undefined ? (last.outputs.zoneId ?? last.inputs.zoneId) : first;
  if (typeof zone === "string" && zone !== "") return { zone, own: second ?? first };
  throw new Error(`invalid ID: expected urlencoded segments "${form}", but got "${id}"`);
}

/** The result of the call; undefined on 404. */
export async function undefinedIfGone<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof HttpError && error.status === 404) return undefined;
    throw error;
  }
}

/** Whether this is an import: the state has no inputs yet. */
export const isImport = (last: ReadResult): boolean => Object.keys(last.inputs).length === 0;
