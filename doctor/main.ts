import { parseArgs } from "node:util";

import { UserError } from "../stack/read-stack";
import { checks } from "./checks";
import { createContext } from "./context";
import { diagnose } from "./diagnose";
import { formatDiagnosis } from "./print-diagnosis";
import { findTarget } from "./target";

const usage = `npm run doctor -- [URL | APP --from APP] [options]
Finds why a URL, or the connection from an app to another, fails; without either, what is broken in the whole stack.
It reads only.

  --stack NAME        the stack; default: dev
  --from APP          the calling app
  --resolver ADDRESS  the public DNS resolver to ask; default: 1.1.1.1
  --offline           ask no resolver and connect to no public address
  --json              the result as one JSON document

Exit code: 0 nothing is broken, 1 something is, 2 a step could not be checked.`;

/** Runs the command. @returns the exit code. @throws {UserError} */
async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      stack: { type: "string", default: "dev" },
      from: { type: "string" },
      resolver: { type: "string", default: "1.1.1.1" },
      offline: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const [argument, ...others] = positionals;
  if (others.length > 0) throw new UserError(`got ${positionals.join(" ")}, want one URL or app\n\n${usage}`);
  const context = await createContext(values.stack, (stack) => findTarget(stack, argument, values.from), {
    resolver: values.offline ? undefined : values.resolver,
  });
  const diagnosis = await diagnose(context, checks);
  console.log(
    values.json ? JSON.stringify(diagnosis, undefined, 2) : formatDiagnosis(diagnosis, process.stdout.isTTY),
  );
  if (!diagnosis.ok) return 1;
  return diagnosis.steps.some(({ status }) => status === "unseen") ? 2 : 0;
}

const isUsageError = (error: unknown): error is Error =>
  error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");

run(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    if (!(error instanceof UserError) && !isUsageError(error)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
  },
);
