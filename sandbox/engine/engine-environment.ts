import * as path from "node:path";

import { passphraseFile } from "./project";

/** The environment with which the pulumi CLI finds a sandbox's state and secrets. */
export const engineEnvironment = (home: string) => ({
  PULUMI_HOME: path.join(home, "pulumi"),
  PULUMI_CONFIG_PASSPHRASE_FILE: passphraseFile(home),
  PULUMI_SKIP_UPDATE_CHECK: "true",
});
