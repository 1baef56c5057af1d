import { fork } from "node:child_process";
import * as path from "node:path";

import type { Config } from "./engine/project";

/** The program, as {@link previewUnderMocks} runs it. */
export interface PreviewInput {
  readonly project: string;
  readonly stack: string;
  /** The whole config, decrypted. */
  readonly config: Config;
  readonly secretKeys: readonly string[];
}

/** One of: the text of the preview, the errors of the settings, why there is no preview. */
export interface PreviewResult {
  readonly text?: string;
  readonly settingsErrors?: string;
  readonly problem?: string;
}

/**
 * Previews the program without an engine, under Pulumi's mocks: its resources and the path. The emulated clouds answer
 * the functions of their providers, so they must run. A process of its own, so that no mock is left in this one.
 */
export function previewUnderMocks(input: PreviewInput): Promise<PreviewResult> {
  const child = fork(path.join(__dirname, "mock-preview-process.ts"), {
    // Of an error only the message is shown.
    execArgv: ["--require", path.join(__dirname, "typescript.cjs"), "--stack-trace-limit=0"],
    stdio: "ignore",
  });
  child.send(input);
  return new Promise((resolve) => {
    child.once("message", (result: PreviewResult) => resolve(result));
    child.once("error", ({ message }) => resolve({ problem: message }));
    child.once("exit", (code, signal) =>
      resolve({ problem: `it ended with ${code ?? signal ?? "an error"}` }),
    );
  });
}
