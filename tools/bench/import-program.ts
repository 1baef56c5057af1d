// Imports all that index.ts imports.
import "../../components";
import "../../providers";
import "../../settings";
import "../../settings/component-args";

import { writeCost } from "./cost";

writeCost(0);
