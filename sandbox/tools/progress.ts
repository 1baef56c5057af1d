/** Reports the current step of a long task. Only the latest one is of interest. */
export type Report = (step: string) => void;

/** Seconds between two lines of progress. */
const intervalSeconds = 20;

/**
 * Runs a long task with a line at its start, one every 20 seconds, and one at its end.
 *
 * @param print Default: to standard output.
 */
export async function withProgress<T>(
  title: string,
  work: (report: Report) => Promise<T>,
  print: (line: string) => void = console.log,
  everySeconds = intervalSeconds,
): Promise<T> {
  const start = Date.now();
  let latest = { step: "", at: 0 };
  print(`${title} ...`);
  const timer = setInterval(() => {
    // Go reports only some of what it does: a step is no news after ten seconds.
    const step = Date.now() - latest.at < 10_000 && latest.step !== "" ? ` (${latest.step})` : "";
    print(`  ${formatSince(start)}: in progress${step}`);
  }, everySeconds * 1000);
  try {
    const result = await work((step) => (latest = { step, at: Date.now() }));
    print(`  done in ${formatSince(start)}`);
    return result;
  } finally {
    clearInterval(timer);
  }
}

function formatSince(start: number): string {
  const seconds = Math.round((Date.now() - start) / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
