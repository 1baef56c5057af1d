/** Annotation by which Pulumi waits until an object has the condition `Ready`: pods that mount a Secret would hang without it. */
export const waitForReady = { "pulumi.com/waitFor": "condition=Ready" } as const;

/** Annotations by which Pulumi waits until a certificate is issued. A DNS-01 challenge takes a minute or two. */
export const waitForIssued = { ...waitForReady, "pulumi.com/timeoutSeconds": "900" } as const;
