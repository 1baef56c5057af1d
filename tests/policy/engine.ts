import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { createInterface } from "node:readline";

import type {
  ClusterwidePolicySpec,
  NetworkPolicySpec,
} from "../../components/custom-resources/cilium-resources";
import { ensurePolicyEngine } from "../../sandbox/tools/policy";
import { changed, runProgram, stackConfig } from "../config";
import { filterByType } from "../invariants/resources";

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
  /** The destination port, of the pod. */
  readonly port: number;
}

/**
 * Whether the engine allows every flow to a pod from its own node, the agent's default in Kubernetes (`always`), or only
 * by a policy, so that tests see whether the policies allow probes.
 */
export type AllowLocalhost = "always" | "policy";

/** The input of tools/policy/main.go. */
export interface Question {
  /** Objects like {@link PolicyObject}; a test may pass invalid ones. */
  readonly policies: readonly object[];
  readonly endpoints: Readonly<Record<string, Pod>>;
  readonly allowLocalhost: AllowLocalhost;
  readonly flows: readonly Flow[];
}

/** The decision for each half of a flow. An absent half has no endpoint, so that no policy applies. */
export interface Decision {
  readonly egress?: "allowed" | "denied";
  readonly ingress?: "allowed" | "denied";
}

/** Cilium's policy engine, in a process that handles one question at a time. */
export class PolicyEngine {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #pending: { resolve: (line: string) => void; reject: (error: Error) => void }[] = [];
  #warnings = "";

  constructor(program: string) {
    this.#process = spawn(program);
    this.#process.stderr.setEncoding("utf8").on("data", (text: string) => (this.#warnings += text));
    createInterface({ input: this.#process.stdout }).on("line", (line) =>
      this.#pending.shift()?.resolve(line),
    );
    this.#process.stdin.on("error", (error) => this.#fail(error.message));
    this.#process.on("error", (error) => this.#fail(error.message));
    this.#process.on("close", (code) => this.#fail(`it ended with ${code ?? "a signal"}`));
  }

  /** Asks for one decision for each flow. Rejects with the engine's message if it rejects a policy. */
  async ask(question: Question): Promise<readonly Decision[]> {
    const line = await new Promise<string>((resolve, reject) => {
      this.#pending.push({ resolve, reject });
      this.#process.stdin.write(`${JSON.stringify(question)}\n`);
    });
    const { decisions = [], error } = JSON.parse(line) as { decisions?: Decision[]; error?: string };
    if (error !== undefined) throw new Error(error);
    return decisions;
  }

  /** Ends the process. Rejects if the engine has printed warnings, as it does for ignored parts of a policy. */
  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.on("close", resolve));
    this.#process.stdin.end();
    await ended;
    if (this.#warnings !== "") throw new Error(`Cilium's policy engine warned:\n${this.#warnings}`);
  }

  #fail(reason: string): void {
    for (const { reject } of this.#pending.splice(0))
      reject(new Error(`Cilium's policy engine: ${reason}\n${this.#warnings}`));
  }
}

/** The run of a stack like prod, and its policies. */
export async function runProd(changes: Readonly<Record<string, unknown>>) {
  const run = await runProgram(changed(stackConfig("prod"), changes));
  const policies = ["CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"]
    .flatMap((kind) => filterByType(run.resources, kind))
    .map(({ inputs }) => inputs);
  return { ...run, policies };
}

/** One engine for the tests of a suite. It is built first if it is missing. */
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
