import { setTimeout as sleep } from "node:timers/promises";

import { releaseLock, addLockHolder, acquireLock } from "../daemon/lock";

/** Names one more process that works under the lock, so that the lock outlives a killed holder until it has ended. */
export type Join = (pid: number) => void;

/**
 * Runs `work` while no other process does, in this checkout: two builds at once take twice the memory and end no
 * sooner. `waiting` is called once when another one has to end first. A holder that was killed holds nothing.
 */
export async function withLock<T>(
  file: string,
  work: (join: Join) => Promise<T>,
  waiting: () => void,
): Promise<T> {
  for (let tries = 0; acquireLock(file).length > 0; tries++) {
    if (tries === 0) waiting();
    await sleep(250);
  }
  try {
    return await work((pid) => addLockHolder(file, pid));
  } finally {
    releaseLock(file);
  }
}
