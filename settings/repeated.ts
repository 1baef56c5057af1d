import { errorIf, type ConfigError } from "./config-error";

/** An error for each repeated value of a list. */
export const findRepeated = (
  values: readonly (number | string)[],
  toPath: (index: number) => string,
): ConfigError[] =>
  values.flatMap((value, index) =>
    errorIf(values.indexOf(value) < index, toPath(index), `got ${value} a second time, want it once`),
  );
