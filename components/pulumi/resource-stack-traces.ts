/** The files of Pulumi's SDK that read a stack trace for each resource and each promise. */
const tracingFiles = /@pulumi[\\/]pulumi[\\/](resource|runtime[\\/]debuggable)\.js$/;

/**
 * Leaves out the stack traces that Pulumi's SDK reads for each resource and promise: to map them to the lines of the
 * TypeScript files takes half of a run. Every error with a message keeps its own.
 *
 * The state no longer holds the file and line of each resource (`sourcePosition`), which nothing reads.
 */
export function disableResourceStackTraces(): void {
  const format = Error.prepareStackTrace.bind(Error);
  Error.prepareStackTrace = (error, sites): unknown =>
    error.message === "" && tracingFiles.test(sites[0]?.getFileName() ?? "")
      ? String(error)
      : format(error, sites);
}
