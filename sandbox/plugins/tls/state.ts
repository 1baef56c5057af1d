import type { Observed } from "../stand-in";

/**
 * What the state says of a thing that is in the state alone.
 *
 * @param output one that each such thing in the state has.
 * @throws {Error} in an import, as the real provider: there is nothing to read it from.
 */
export function fromState(id: string, last: Observed, output: string): Observed {
  if (last.outputs[output] === undefined)
    throw new Error(
      `${id} cannot be imported: such a thing is in the state and nowhere else, let it be made`,
    );
  return last;
}
