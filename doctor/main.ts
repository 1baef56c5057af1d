import { parseArgs } from "node:util";

import { UserError, type DeployedStack } from "../stack/read-stack";
import { checks } from "./checks";
import { connect, createContext } from "./context";
import { diagnose } from "./diagnose";
import { findExpiries, formatExpiries } from "./expiry";
import type { StepResult } from "./finding";
import { formatRequirements, runPreflight } from "./preflight";
import { formatDiagnosis } from "./print-diagnosis";
import { findTarget } from "./target";

const usage = `npm run doctor -- [URL | APP --from APP | expiry | preflight] [options]
Finds why a URL, or the connection from an app to another, fails; without either, what is broken in the whole stack.
  expiry     lists everything that ends: certificates, tokens; with what renews it
  preflight  checks what the first pulumi up of a stack needs
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
  const print = (result: unknown, text: string) =>
    console.log(values.json ? JSON.stringify(result, undefined, 2) : text);

  if (argument === "preflight") {
    const requirements = await runPreflight(await connect(values.stack), values.stack);
    print(requirements, formatRequirements(requirements));
    return toExitCode(requirements);
  }
  const isExpiry = argument === "expiry";
  const findWanted = (stack: DeployedStack) =>
    findTarget(stack, isExpiry ? undefined : argument, values.from);
  const resolver = values.offline ? undefined : values.resolver;
  const context = await createContext(values.stack, findWanted, { resolver });
  if (isExpiry) {
    const expiries = await findExpiries(context);
    print(expiries, formatExpiries(expiries, context.now));
    return expiries.some(({ isOverdue }) => isOverdue) ? 1 : 0;
  }
  const diagnosis = await diagnose(context, checks);
  print(diagnosis, formatDiagnosis(diagnosis, process.stdout.isTTY));
  return toExitCode(diagnosis.steps);
}

/** 0 if all is well, 1 if something is broken, 2 if something could not be checked. */
function toExitCode(results: readonly { readonly status: StepResult["status"] }[]): number {
  if (results.some(({ status }) => status === "broken")) return 1;
  return results.some(({ status }) => status === "unseen") ? 2 : 0;
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
