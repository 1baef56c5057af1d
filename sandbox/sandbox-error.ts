/** An error that the user can fix. Printed without a stack trace: the problem and the remedy. */
export class SandboxError extends Error {
  override readonly name = "SandboxError";
}
