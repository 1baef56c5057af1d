/** A fault that the reader can mend. Its message stands alone: what happened, and what to do; no stack is wanted. */
export class SandboxError extends Error {
  override readonly name = "SandboxError";
}
