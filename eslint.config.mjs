import js from "@eslint/js";
import ts from "typescript";
import tseslint from "typescript-eslint";

/** Reports the diagnostics of `npm run typecheck`, from the program that the typed rules use anyway: tsc would check it all again. */
const types = {
  create({ filename, report, sourceCode }) {
    const { program } = sourceCode.parserServices;
    const diagnostics = () => ts.getPreEmitDiagnostics(program, program.getSourceFile(filename));
    return {
      Program: () =>
        diagnostics().forEach(({ start = 0, messageText }) =>
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
    // No comment may switch off a rule.
    linterOptions: { noInlineConfig: true },
    languageOptions: {
      parserOptions: { project: "./tsconfig.json", tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      "compiler/types": "error",
      // `new Resource(...)` without a variable is how a Pulumi program creates a resource.
      "no-new": "off",
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
    },
  },
);
