import type { Changes } from "../../sandbox/report";

/** How many resources one command created, updated, replaced and deleted. */
type Count = Exclude<keyof Changes, "same">;

/** How one command ended. */
export interface Ran {
  /** Exit code; null after a signal. */
  readonly code: number | null;
  readonly changes: Changes;
}

/** The expected row. A missing count may be any. */
export interface Expected extends Partial<Readonly<Record<Count, number | "some">>> {
  /** Whether the command must fail. Default false: exit code 0. */
  readonly fails?: boolean;
}

const counts = { create: "created", update: "updated", replace: "replaced", delete: "deleted" } as const;
const keys = Object.keys(counts) as Count[];
const widths = [52, 5, 8, 8, 9, 8] as const;

/** Nothing is created, updated, replaced or deleted. */
export const nothing = { create: 0, update: 0, replace: 0, delete: 0 } as const;

/** Whether the exit code and every count are as expected. */
export function isExpected({ code, changes }: Ran, expected: Expected): boolean {
  const asExpected = (key: Count) => {
    const want = expected[key];
    return want === undefined || (want === "some" ? changes[key] > 0 : changes[key] === want);
  };
  return (code !== 0) === (expected.fails ?? false) && keys.every(asExpected);
}

/** The names of the columns. */
export const heading = columns(["what", "exit", ...Object.values(counts)], "expected", "ok");

/** One line of the table. */
export function row(what: string, ran: Ran, expected: Expected): string {
  const cells = [what, String(ran.code), ...keys.map((key) => String(ran.changes[key]))];
  return columns(cells, told(expected), isExpected(ran, expected) ? "ok" : "NOT OK");
}

function told(expected: Expected): string {
  const all = keys.every((key) => expected[key] === 0)
    ? ["no change"]
    : keys.flatMap((key) => (expected[key] === undefined ? [] : [`${expected[key]} ${counts[key]}`]));
  return [expected.fails ? "exit not 0" : "exit 0", ...all].join(", ");
}

function columns(cells: readonly string[], expected: string, ok: string): string {
  const padded = cells.map((cell, index) =>
    index === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[index] ?? 0),
  );
  return [...padded, "", expected.padEnd(56), ok].join(" ");
}
