/** Annotations of a Certificate that is done when it is issued; DNS-01 takes a minute or two. */
export const untilIssued = {
  "pulumi.com/waitFor": "condition=Ready",
  "pulumi.com/timeoutSeconds": "900",
} as const;
