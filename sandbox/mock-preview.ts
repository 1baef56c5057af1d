import { fork } from "node:child_process";
import * as path from "node:path";

import type { Config } from "./engine/project";

/** The program to preview. */
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
 * Starts a process that previews the program without an engine, under Pulumi's mocks: its resources and the path. It is
 * a process of its own, so that no mock is left in this one.
 *
 * @returns previews once. The emulated clouds must run by then, since they answer the functions of their providers.
 */
export function startMockPreview(): (input: PreviewInput) => Promise<PreviewResult> {
  const child = fork(path.join(__dirname, "mock-preview-process.ts"), {
    // Of an error only the message is shown.
    execArgv: ["--require", path.join(__dirname, "typescript.cjs"), "--stack-trace-limit=0"],
    stdio: "ignore",
  });
  // It ends with this process, which may end before it has asked.
  child.unref();
  child.channel?.unref();
  const result = new Promise<PreviewResult>((resolve) => {
    child.once("message", (message: PreviewResult) => resolve(message));
    child.once("error", ({ message }) => resolve({ problem: message }));
    child.once("exit", (code, signal) =>
      resolve({ problem: `it ended with ${code ?? signal ?? "an error"}` }),
    );
  });
  return (input) => {
    child.ref();
    child.channel?.ref();
    child.send(input, () => undefined);
    return result;
  };
}
