import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { createInterface } from "node:readline";

import type {
  ClusterwidePolicySpec,
  NetworkPolicySpec,
} from "../../components/custom-resources/cilium-resources";
import { ensurePolicyEngine } from "../../sandbox/tools/policy";

/** A policy as the program registers it. */
export interface PolicyObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: NetworkPolicySpec | ClusterwidePolicySpec;
}

export interface Pod {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** A packet, from and to an endpoint by its name, or `reserved:host` and the like. */
export interface Flow {
  readonly from: string;
  readonly to: string;
  readonly protocol: "TCP" | "UDP";
  /** Of the pod, where the packet arrives. */
  readonly port: number;
}

/**
 * Whether every pod is open to its own node, as an agent has it in Kubernetes (`always`), or only where a policy says so:
 * probes are then what the policies let through, and can be seen.
 */
export type AllowLocalhost = "always" | "policy";

/** What tools/policy/main.go reads. */
export interface Question {
  /** Of the shape of {@link PolicyObject}; a test may write others. */
  readonly policies: readonly object[];
  readonly endpoints: Readonly<Record<string, Pod>>;
  readonly allowLocalhost: AllowLocalhost;
  readonly flows: readonly Flow[];
}

/** Of each half, absence means that it is at no endpoint, so that no policy applies. */
export interface Decision {
  readonly egress?: "allowed" | "denied";
  readonly ingress?: "allowed" | "denied";
}

/** Cilium's policy engine, in a process that answers one question after the other. */
export class PolicyEngine {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #waiting: { answer: (line: string) => void; fail: (why: Error) => void }[] = [];
  #warnings = "";

  constructor(program: string) {
    this.#process = spawn(program);
    this.#process.stderr.setEncoding("utf8").on("data", (text: string) => (this.#warnings += text));
    createInterface({ input: this.#process.stdout }).on("line", (line) =>
      this.#waiting.shift()?.answer(line),
    );
    this.#process.stdin.on("error", (error) => this.#fail(error.message));
    this.#process.on("error", (error) => this.#fail(error.message));
    this.#process.on("close", (code) => this.#fail(`it ended with ${code ?? "a signal"}`));
  }

  /** One decision for each flow. Fails with the engine's own words where it refuses a policy. */
  async ask(question: Question): Promise<readonly Decision[]> {
    const line = await new Promise<string>((answer, fail) => {
      this.#waiting.push({ answer, fail });
      this.#process.stdin.write(`${JSON.stringify(question)}\n`);
    });
    const { decisions = [], error } = JSON.parse(line) as { decisions?: Decision[]; error?: string };
    if (error !== undefined) throw new Error(error);
    return decisions;
  }

  /** Ends the process. Fails if the engine has warned of anything: it does so of what it ignores in a policy. */
  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.on("close", resolve));
    this.#process.stdin.end();
    await ended;
    if (this.#warnings !== "") throw new Error(`Cilium's policy engine warned:\n${this.#warnings}`);
  }

  #fail(why: string): void {
    for (const { fail } of this.#waiting.splice(0))
      fail(new Error(`Cilium's policy engine: ${why}\n${this.#warnings}`));
  }
}

/** One engine for the tests of a suite, built first where it is missing. */
export function engineForSuite(): Pick<PolicyEngine, "ask"> {
  let engine: PolicyEngine | undefined;
  before(async function () {
    this.timeout(30 * 60_000);
    engine = new PolicyEngine(await ensurePolicyEngine());
  });
  after(() => engine?.end());
  return {
    ask: (question) => (engine ? engine.ask(question) : Promise.reject(new Error("there is no engine yet"))),
  };
}
