import * as assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import { browser } from "./network/network-addresses";
import { keepAliveAgent, request } from "./browser";

/** Each is to be answered with 200 by whatever controller there is. */
const urls = [
  "https://example.com/",
  "https://www.example.com/",
  "https://shop.example.com/",
  "https://example.com/any/where",
];

/** Milliseconds between two requests: fifty a second. */
const interval = 20;

/** Requests at a steady pace, whatever becomes of them, each noted. */
export class SteadyTraffic {
  readonly #from: string;
  readonly #all: Promise<void>[] = [];
  /** Seconds after the beginning, by what was wrong. */
  readonly #lost = new Map<string, string[]>();
  readonly #began = Date.now();
  readonly #agent = keepAliveAgent();
  readonly #timer: NodeJS.Timeout;

  /** Begins. @param of the browser: the n-th. */
  constructor(of: number) {
    this.#from = browser(of);
    // On a busy machine a tick comes late: then it sends what is due.
    this.#timer = setInterval(() => {
      while (this.#all.length * interval < Date.now() - this.#began) this.#all.push(this.#send());
    }, interval);
  }

  /** Ends. @returns how many were sent. @throws {assert.AssertionError} one was not answered with 200. */
  async end(): Promise<number> {
    clearInterval(this.#timer);
    await Promise.all(this.#all);
    this.#agent.destroy();
    const lost = [...this.#lost].map(
      ([what, at]) => `${what}: ${at.length} times, from ${at.at(0)} to ${at.at(-1)} s`,
    );
    assert.equal(lost.join("\n"), "", `of ${this.#all.length} requests, these were lost`);
    return this.#all.length;
  }

  async #send(): Promise<void> {
    const url = urls[this.#all.length % urls.length] ?? "";
    const at = ((Date.now() - this.#began) / 1000).toFixed(1);
    const answer = await request(url, { from: this.#from, agent: this.#agent }).then(
      ({ status }) => String(status),
      (error: unknown) => String(error),
    );
    const what = `${url}: ${answer}`;
    if (answer !== "200") this.#lost.set(what, [...(this.#lost.get(what) ?? []), at]);
  }
}

/** Nothing is lost for so many seconds. @returns how many requests that were. */
export async function assertNothingLost(seconds: number, of: number): Promise<number> {
  const steady = new SteadyTraffic(of);
  await sleep(seconds * 1000);
  return steady.end();
}
