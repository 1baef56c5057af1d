import type { ReadResult } from "../fake-provider";

/**
 * Reads a resource that exists in the state only.
 *
 * @param output one that every such resource has.
 * @throws {Error} in an import, as in the real provider: there is nothing to import.
 */
export function readFromState(id: string, last: ReadResult, output: string): Promise<ReadResult> {
  return last.outputs[output] === undefined
    ? Promise.reject(new Error(`${id} cannot be imported: it would exist in the state only`))
    : Promise.resolve(last);
}
