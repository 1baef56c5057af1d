/** Where Pulumi's SDK asks where a resource or a promise came from. */
const originFiles = /@pulumi[\\/]pulumi[\\/](resource|runtime[\\/]debuggable)\.js$/;

/**
 * Answers the SDK with nothing when it asks where a resource or a promise came from, as it does for every one of them:
 * to look each line of each answer up takes a good part of a run, and the answers are a quarter of the state, where
 * nothing reads them. Other errors keep their stack.
 */
export function disableResourceStackTraces(): void {
  const told = Error.prepareStackTrace.bind(Error);
  Error.prepareStackTrace = (error, sites): unknown =>
    originFiles.test(sites[0]?.getFileName() ?? "") ? String(error) : told(error, sites);
}
