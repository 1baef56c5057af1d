import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import type { Controller } from "../../components/ingress/controllers";
import { bundle, yamlOf } from "../components/gateway-api-bundle";
import { changed, runProgram, stackConfig, type StackConfig } from "../config";
import { chartsFolder, definitionsFile } from "../settings/generated";
import { addresses, allHold, answers, expectedOf } from "./all";
import type { Resources } from "./resources";

/** Every word that all controllers have, on one host. */
const words = {
  rateLimit: { requests: 60, period: "1m" },
  cors: { origins: ["https://example.com"] },
  basicAuth: { users: ["admin"] },
  headers: { response: { set: { "X-Frame-Options": "DENY" } } },
  maxBodySize: "10Mi",
  timeouts: { requestSeconds: 30 },
  allowFrom: ["203.0.113.0/24"],
  sticky: { cookie: "session" },
};

const doors = {
  pulumi: {
    "loadBalancer.services": [{ name: "ssh", listenPort: 22, destinationPort: 2222 }],
  },
  ccm: {
    "loadBalancer.managedBy": "ccm",
    "loadBalancer.privateIp": addresses.privateIpv4,
    "loadBalancer.networkId": undefined,
    "loadBalancer.labelSelector": undefined,
  },
} as const;

/** Prod with all of it, a host of external-dns', and the lock that the controller can do. */
export const wholeConfig = (controller: Controller, managedBy: keyof typeof doors = "pulumi") =>
  changed(stackConfig("prod"), {
    ...doors[managedBy],
    ingress: { controller, gatewayApi: definitionsFile },
    originLock: {
      clientCertificate: controller !== "gateway",
      allowList: controller !== "nginx",
    },
    "loadBalancer.reverseDns": "lb.example.com",
    externalDns: { domains: ["shop.example.com"] },
    externalDnsToken: "e".repeat(40),
    "apps.admin.routes": [
      { host: "admin.example.com", ...(controller !== "gateway" && { certificate: "own" }), ...words },
    ],
    "apps.web-frontend.routes": [
      { host: "example.com" },
      { host: "www.example.com" },
      { host: "shop.example.com", dns: "external-dns" },
    ],
  });

/** A run of the program, for what becomes of it when something of it is not as it should be. */
export class Whole {
  readonly #config: StackConfig;
  #run: Awaited<ReturnType<typeof runProgram>> | undefined;

  constructor(controller: Controller, managedBy: keyof typeof doors = "pulumi") {
    this.#config = wholeConfig(controller, managedBy);
  }

  async make(): Promise<void> {
    fs.mkdirSync(path.dirname(definitionsFile), { recursive: true });
    fs.writeFileSync(definitionsFile, yamlOf(bundle()));
    this.#run = await runProgram(this.#config, { answers });
    fs.rmSync(chartsFolder, { recursive: true });
  }

  /** Checks every invariant, of what `change` makes of the resources. */
  check(change: (resources: Resources) => Resources = (same) => same): void {
    assert.ok(this.#run);
    const { resources, outputs, calls, logs, result } = this.#run;
    const changedRun = { resources: change(resources), outputs, calls, logs };
    allHold(changedRun, expectedOf(this.#config, result.routes));
  }
}
