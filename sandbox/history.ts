/**
 * Whether the emulated clouds and the API server record each change, for tests that check every state in between:
 * `PLATFORM_SANDBOX_HISTORY=1`. Default: no.
 */
export const recordsHistory = (): boolean => process.env.PLATFORM_SANDBOX_HISTORY === "1";
