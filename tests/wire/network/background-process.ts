import { spawn, type ChildProcess } from "node:child_process";
import * as fs from "node:fs";
import * as http from "node:http";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A process that runs until it is signalled. */
export class BackgroundProcess {
  readonly name: string;
  readonly log: string;
  readonly #process: ChildProcess;
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
  #running = true;
  /** Length of the log before this process. */
  readonly #logged: number;

  constructor(
    name: string,
    folder: string,
    command: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
  ) {
    this.name = name;
    this.log = path.join(folder, `${name}.log`);
    const output = fs.openSync(this.log, "a");
    this.#logged = fs.fstatSync(output).size;
    this.#process = spawn(command, args, {
      env: { ...process.env, ...env },
      stdio: ["ignore", output, output],
    });
    fs.closeSync(output);
    this.ended = new Promise((resolve) => {
      const end = () => {
        this.#running = false;
        resolve();
      };
      this.#process.on("error", end);
      this.#process.on("close", end);
    });
  }

  /** Number of lines with this text that it has logged since its start. */
  countLogLines(words: string): number {
    const text = fs.readFileSync(this.log).subarray(this.#logged).toString();
    return text.split("\n").filter((line) => line.includes(words)).length;
  }

  /** Asks it to end, as the kubelet does. */
  signal(signal: NodeJS.Signals): void {
    if (this.#running) this.#process.kill(signal);
  }

  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await this.ended;
  }

  /** @throws it ended, or `probe` was not true within so many seconds; with the end of its log. */
  async ready(probe: () => Promise<boolean>, seconds = 60): Promise<void> {
    const deadline = Date.now() + seconds * 1000;
    while (!(await probe().catch(() => false))) {
      if (!this.#running || Date.now() > deadline)
        throw new Error(
          `${this.name} ${this.#running ? `was not ready within ${seconds} s` : "ended"}: ${this.log}\n${lastLines(this.log)}`,
        );
      await sleep(100);
    }
  }
}

const lastLines = (file: string): string =>
  fs.readFileSync(file, "utf8").trimEnd().split("\n").slice(-10).join("\n");

/** Whether a plain HTTP GET is answered with 200. */
export function answers(host: string, port: number, at: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = http.get({ host, port, path: at, agent: false, timeout: 2000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(false));
  });
}
