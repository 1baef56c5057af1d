import { errorIf } from "../config-error";
import { rule, type Rule } from "../rule";

/** Rules about `mesh` alone. */
export const meshRules: readonly Rule[] = [
  rule(["mesh"], ({ mesh: { prometheus, viz } }) =>
    errorIf(
      !(prometheus === undefined || viz),
      "mesh.prometheus",
      `got ${prometheus} with viz: false, but only viz reads it; want mesh.viz: true or no mesh.prometheus`,
    ),
  ),
];
