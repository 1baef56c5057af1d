import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { createContext } from "../../doctor/context";
import { checks } from "../../doctor/checks";
import { diagnose, type Diagnosis } from "../../doctor/diagnose";
import { findTarget } from "../../doctor/target";
import { accounts, engineEnvironment } from "../../sandbox/environment";
import { binDir } from "../../sandbox/paths";
import { createCertificate } from "./certificates";
import { clouds, home, inventory, root } from "../sandbox/start";
