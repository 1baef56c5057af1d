// Usage: program.ts APPS. The program with this number of apps, against the SDK's mocks.
import { createRequire } from "node:module";

import { setConfig } from "../../tests/config";
import { manyApps } from "./apps";
import { writeCost } from "./cost";
import { runWithMocks } from "./mocks";

const load = createRequire(__filename);

setConfig(manyApps(Number(process.argv[2])));
void runWithMocks((): unknown => load("../../index")).then(writeCost);
