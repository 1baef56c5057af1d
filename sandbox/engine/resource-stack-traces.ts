/** The files of Pulumi's SDK that record where a resource or a promise was created. */
const originFiles = /@pulumi[\\/]pulumi[\\/](resource|runtime[\\/]debuggable)\.js$/;

/**
 * Gives the SDK no stack trace for a resource or a promise; it takes one for each:
 * to look each line of each answer up takes a good part of a run, and the answers are a quarter of the state, where
 * nothing reads them. Other errors keep their stack.
 */
export function disableResourceStackTraces(): void {
  const told = Error.prepareStackTrace.bind(Error);
  Error.prepareStackTrace = (error, sites): unknown =>
    originFiles.test(sites[0]?.getFileName() ?? "") ? String(error) : told(error, sites);
}
