// Imports the SDKs that the program imports, as an empty program.
import "@pulumi/cloudflare";
import "@pulumi/hcloud";
import "@pulumi/kubernetes";
import "@pulumi/pulumi";
import "@pulumi/random";
import "@pulumi/tls";

import { writeCost } from "./cost";

writeCost(0);
