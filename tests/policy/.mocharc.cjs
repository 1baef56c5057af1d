/** With `--table`, only the table is asked for, and printed. */
module.exports = {
  require: ["./sandbox/typescript.cjs"],
  spec: process.argv.includes("--table") ? ["tests/policy/table.test.ts"] : ["tests/policy/**/*.test.ts"],
  timeout: 900000,
  slow: 10000,
};
