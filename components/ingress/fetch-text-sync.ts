import { spawnSync } from "node:child_process";

const script = `
const [, url] = process.argv;
try {
  const response = await fetch(url);
  if (!response.ok) throw new Error("the response is " + response.status);
  process.stdout.write(await response.text());
} catch (error) {
  process.stderr.write(error.cause?.message ?? error.message);
  process.exitCode = 1;
}`;

/**
 * Downloads a URL synchronously, in a child process: GatewayApi creates a resource for each object in the text, in its
 * constructor, which cannot await.
 *
 * @throws {Error} The response is not successful, or takes longer than a minute.
 */
export function fetchTextSync(url: string): string {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--input-type=module", "--eval", script, url],
    { encoding: "utf8", timeout: 60_000, maxBuffer: 64 * 1024 * 1024 },
  );
  if (status === 0) return stdout;
  throw new Error(status === null ? "no response within a minute" : stderr);
}
