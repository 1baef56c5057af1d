import * as assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import { readSettings, type Settings } from "../../settings";
import { attemptProgram, changed, secretTexts, setConfig, stackConfig, type StackConfig } from "../config";
import { run } from "../harness";

export const prod = stackConfig("prod");

/** The prod stack without one key. */
export const without = (key: string): StackConfig =>
  Object.fromEntries(Object.entries(prod).filter(([each]) => each !== key));

/** The lines of the error for an invalid config. The program must register no resource. */
export async function readErrors(config: StackConfig): Promise<string[]> {
  const { fault, resources } = await attemptProgram(config, { stack: "prod" });
  assert.ok(fault !== undefined, "the config was accepted");
  assert.ok(pulumi.RunError.isInstance(fault), `not a RunError: ${fault.message}`);
  assert.deepEqual(resources, []);
  for (const secret of secretTexts)
    assert.equal(fault.message.includes(secret), false, "the message shows a secret");
  return fault.message.split("\n");
}

/** The warnings of a preview of the changed prod stack, or of an update. */
export async function readWarnings(changes: Changes, preview = true): Promise<string[]> {
  const { fault, logs } = await attemptProgram(changed(prod, changes), { stack: "prod", preview });
  assert.equal(fault, undefined);
  return logs.flatMap(({ severity, message }) => (severity === "warn" ? [message] : []));
}

/** The settings of a valid config. */
export async function read(config: StackConfig): Promise<Settings> {
  const { result } = await run(() => {
    setConfig(config);
    return { settings: readSettings() };
  });
  return result.settings;
}

/** Changes to the prod stack, by dotted path below `platform-networking:`. Undefined removes a value. */
export type Changes = Readonly<Record<string, unknown>>;

const named = (changes: Changes): string => {
  const parts = Object.entries(changes).map(([path, value]) =>
    value === undefined ? `${path} missing` : `${path} ${JSON.stringify(value).slice(0, 60)}`,
  );
  return parts.join(", ").slice(0, 160);
};

/** A change of the prod stack, and the lines of the error. */
type Rejected = readonly [changes: Changes, ...lines: string[]];

/** Reads the changed value from the line of its error: `apps.admin.port: got 0, want 1 to 65535`. */
function parseChange(line: string): Changes {
  const [, path = "", problem = ""] = /^([^ ]+): (.*)$/.exec(line) ?? [];
  if (problem.startsWith("is missing")) return { [path]: undefined };
  if (problem === "is not a known key") return { [path]: true };
  if (problem.startsWith("is not a valid name")) return { [path]: "x" };
  assert.match(problem, /^got .+, /);
  const parts = problem.slice("got ".length).split(", ");
  for (const end of parts.keys())
    try {
      return { [path]: JSON.parse(parts.slice(0, end + 1).join(", ")) as unknown };
    } catch {
      // A longer text is the value, or it is a string that a rule prints without quotes.
    }
  return { [path]: parts[0] };
}

/** Changes by the line of their error; or rows, of which one of a value at its own path is its line alone. */
type Rejections = Readonly<Record<string, Changes>> | readonly (string | Rejected)[];

const toRows = (rejections: Rejections): readonly Rejected[] =>
  Array.isArray(rejections)
    ? (rejections as readonly (string | Rejected)[]).map((row) =>
        typeof row === "string" ? [parseChange(row), row] : row,
      )
    : Object.entries(rejections as Readonly<Record<string, Changes>>).map(([line, changes]) => [
        changes,
        line,
      ]);

/** One test a row: the changed stack is rejected with exactly these lines. */
export function rejects(rejections: Rejections): void {
  for (const [changes, ...lines] of toRows(rejections))
    it(`rejects ${named(changes)}`, async () => {
      const [heading, ...found] = await readErrors(changed(prod, changes));
      const count = lines.length === 1 ? "One setting is" : `${lines.length} settings are`;
      assert.deepEqual(found.sort(), lines.map((line) => `  ${line}`).sort());
      assert.equal(heading, `${count} wrong in Pulumi.prod.yaml; nothing was changed:`);
    });
}

/** As {@link rejects}, with the lines of errors below a path: `port: got 0, ...`, or `: is missing, ...` of the path itself. */
export function rejectsUnder(path: string, rejections: Rejections): void {
  const whole = (line: string) => (line.startsWith(":") ? `${path}${line}` : `${path}.${line}`);
  const isTable = !Array.isArray(rejections);
  const rows = isTable ? toRows(rejections) : (rejections as readonly (string | Rejected)[]);
  rejects(
    rows.map((row): string | Rejected => {
      if (typeof row === "string") return whole(row);
      const [changes, ...lines] = row;
      return [changes, ...lines.map(whole)];
    }),
  );
}

/** The error for two address ranges with common addresses. */
export const overlap = (path: string, range: string, other: string): string =>
  `${path}: ${range} overlaps ${other}, want ranges without common addresses`;

/** A record beside the three that the prod stack has. */
export const fourthRecord = (record: unknown): Changes => ({ "dns.records.3": record });

/** The prod stack as one that leaves the zone to another stack. */
export const guest: Changes = { ownsZone: false };

/** One test a row: the changed stack is accepted. */
export function accepts(rows: readonly Changes[]): void {
  for (const changes of rows)
    it(`accepts ${named(changes)}`, async () => {
      await read(changed(prod, changes));
    });
}
