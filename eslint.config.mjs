import js from "@eslint/js";
import ts from "typescript";
import tseslint from "typescript-eslint";

/** What tsc says. The rules have asked the compiler for nearly all of it already; tsc would begin anew. */
const types = {
  create({ filename, report, sourceCode }) {
    const { program } = sourceCode.parserServices;
    const said = () => ts.getPreEmitDiagnostics(program, program.getSourceFile(filename));
    return {
      Program: () =>
        said().forEach(({ start = 0, messageText }) =>
          report({
            loc: sourceCode.getLocFromIndex(start),
            message: ts.flattenDiagnosticMessageText(messageText, "\n"),
          }),
        ),
    };
  },
};

export default tseslint.config(
  { ignores: [".sandbox/", "node_modules/", "**/*.cjs", "**/*.mjs"] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    plugins: { compiler: { rules: { types } } },
    // No comment may silence the compiler.
    linterOptions: { noInlineConfig: true },
    languageOptions: {
      parserOptions: { project: "./tsconfig.check.json", tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      "compiler/types": "error",
      // Pulumi resources are made for their effect: `new` without a variable is the ordinary form.
      "no-new": "off",
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
    },
  },
);
