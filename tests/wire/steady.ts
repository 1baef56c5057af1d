import * as assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import { browser } from "../../sandbox/wire/places";
import { keeping, visit } from "./browser";

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
export class Steady {
  readonly #from: string;
  readonly #all: Promise<void>[] = [];
  readonly #lost: string[] = [];
  readonly #began = Date.now();
  readonly #agent = keeping();
  readonly #timer: NodeJS.Timeout;

  /** Begins. @param of the browser: the n-th. */
  constructor(of: number) {
    this.#from = browser(of);
    this.#timer = setInterval(() => this.#all.push(this.#send()), interval);
  }

  /** Ends. @returns how many were sent. @throws {assert.AssertionError} one was not answered with 200. */
  async end(): Promise<number> {
    clearInterval(this.#timer);
    await Promise.all(this.#all);
    this.#agent.destroy();
    assert.deepEqual(this.#lost, [], `${this.#lost.length} of ${this.#all.length} were lost`);
    return this.#all.length;
  }

  async #send(): Promise<void> {
    const url = urls[this.#all.length % urls.length] ?? "";
    const at = ((Date.now() - this.#began) / 1000).toFixed(1);
    try {
      const { status } = await visit(url, { from: this.#from, agent: this.#agent });
      if (status !== 200) this.#lost.push(`${at} s: ${url}: ${status}`);
    } catch (error) {
      this.#lost.push(`${at} s: ${url}: ${String(error)}`);
    }
  }
}

/** Nothing is lost for so many seconds. @returns how many requests that were. */
export async function losesNothing(seconds: number, of: number): Promise<number> {
  const steady = new Steady(of);
  await sleep(seconds * 1000);
  return steady.end();
}
