import { setTimeout as sleep } from "node:timers/promises";

/**
 * Asks until the answer is neither false nor undefined; a question that fails counts as not yet.
 *
 * @throws {Error} it was not within so many seconds; with the last failure as its cause.
 */
export async function until<Answer>(
  what: string,
  ask: () => Promise<Answer | false | undefined>,
  seconds = 60,
): Promise<Answer> {
  const deadline = Date.now() + seconds * 1000;
  let cause: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      cause = error;
    }
    if (Date.now() > deadline) throw new Error(`${what}: not within ${seconds} s`, { cause });
    await sleep(200);
  }
}
