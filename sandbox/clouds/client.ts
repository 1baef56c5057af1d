import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";

import { z } from "zod";

import * as daemon from "../daemon/daemon";
import { recordsHistory } from "../history";
import { SandboxError } from "../sandbox-error";
import { writeFileAtomically } from "../write-file";
import { digest } from "../tools/checksum";
import type { Seed } from "./seed";

const NAME = "clouds";

/** Tokens of the user's accounts in the emulated clouds, in the form that the real providers demand. */
const accounts = z.object({
  hetzner: z.string().length(64),
  cloudflare: z.string().length(40),
  /** Permissions of the Cloudflare token, e.g. `DNS Write`. Default: all. Set it to try a token with fewer. */
  cloudflarePermissions: z.array(z.string()).optional(),
});
export type Accounts = z.infer<typeof accounts>;

/** The part of a load balancer that the sandbox reads. */
const loadBalancer = z.looseObject({
  id: z.number(),
  name: z.string(),
  public_net: z.looseObject({
    ipv4: z.looseObject({ ip: z.string().nullish() }).nullish(),
    ipv6: z.looseObject({ ip: z.string().nullish() }).nullish(),
  }),
  private_net: z.array(z.unknown()),
  services: z.array(
    z.looseObject({ listen_port: z.number(), destination_port: z.number(), proxyprotocol: z.boolean() }),
  ),
  targets: z.array(z.unknown()),
});

const dnsRecord = z.looseObject({
  id: z.string(),
  name: z.string(),
  type: z.string(),
  content: z.string().nullish(),
  proxied: z.boolean().nullish(),
});

/** An object with an id in a zone. */
const inZone = z.looseObject({ id: z.string(), zone: z.string() });

/** The content of the clouds beyond their seed. */
export const inventory = z.looseObject({
  hetzner: z.looseObject({ load_balancers: z.array(loadBalancer) }),
  cloudflare: z.looseObject({
    dns_records: z.array(dnsRecord),
    /** Only settings that were ever changed. */
    settings: z.array(inZone.extend({ value: z.unknown() })),
    dnssec: z.array(z.looseObject({ zone: z.string(), status: z.string() })),
    rulesets: z.array(inZone.extend({ phase: z.string() })),
    origin_pulls: z.looseObject({
      certificates: z.array(inZone.extend({ status: z.string() })),
      settings: z.array(z.looseObject({ zone: z.string(), enabled: z.boolean() })),
    }),
    tokens: z.array(z.looseObject({ id: z.string(), name: z.string() })),
  }),
});
export type Inventory = z.infer<typeof inventory>;

const zoneLogEntry = z.looseObject({
  /** Counts up from 1. */
  seq: z.number(),
  /** ISO 8601 in UTC, with milliseconds. */
  at: z.string(),
  /** Zone id. */
  zone: z.string(),
  kind: z.string(),
  op: z.enum(["create", "update", "delete"]),
  id: z.string(),
  /** As the API showed it; absent for a create. */
  before: z.looseObject({}).optional(),
  /** As the API showed it; absent for a delete. */
  after: z.looseObject({}).optional(),
});
export type ZoneLogEntry = z.infer<typeof zoneLogEntry>;

const hetznerUrl = (port: number): string => `http://127.0.0.1:${port}/hetzner/v1`;
const cloudflareUrl = (port: number): string => `http://127.0.0.1:${port}/cloudflare/client/v4/`;

/** The emulated clouds of one sandbox: one process, found again by its pid file. */
export class Clouds {
  readonly #home: string;
  readonly #port: number;
  readonly hetznerUrl: string;
  readonly cloudflareUrl: string;

  constructor(home: string, port: number) {
    this.#home = home;
    this.#port = port;
    this.hetznerUrl = hetznerUrl(port);
    this.cloudflareUrl = cloudflareUrl(port);
  }

  /** Starts the process unless it runs with the present code. @throws {SandboxError} another program has the port. */
  async start(): Promise<void> {
    const program = path.join(__dirname, "main.ts");
    const typescript = path.join(__dirname, "..", "typescript.cjs");
    const store = path.join(this.#home, "clouds.json");
    const spec = {
      name: NAME,
      command: process.execPath,
      args: ["--require", typescript, program, "--port", String(this.#port), "--store", store],
      // Part of the spec, so that a change of either restarts the process.
      env: { CLOUDS_CODE: hashCode(__dirname), PLATFORM_SANDBOX_HISTORY: recordsHistory() ? "1" : "" },
    };
    if (!daemon.isRunningAs(spec, this.#home)) {
      await daemon.stop(NAME, 10, this.#home);
      await daemon.assertPortFree(this.#port, "the emulated clouds");
      daemon.start(spec, this.#home);
    }
    const healthy = async () => (await fetch(`http://127.0.0.1:${this.#port}/sandbox/health`)).ok;
    await daemon.waitUntilHealthy(NAME, healthy, 60, this.#home);
  }

  async stop(): Promise<void> {
    await daemon.stop(NAME, 10, this.#home);
  }

  /** The tokens of the accounts: random, the same in every run. */
  accounts(): Accounts {
    const file = path.join(this.#home, "accounts.json");
    if (!fs.existsSync(file)) {
      const created: Accounts = {
        hetzner: randomBytes(32).toString("hex"),
        cloudflare: randomBytes(20).toString("hex"),
      };
      writeFileAtomically(file, JSON.stringify(created));
    }
    return accounts.parse(JSON.parse(fs.readFileSync(file, "utf8")));
  }

  /** Adds the seed to the accounts. @throws {SandboxError} the clouds refuse it, with their reason. */
  async seed(seed: Seed): Promise<void> {
    const { hetzner, cloudflare: token, cloudflarePermissions: permissions } = this.accounts();
    const response = await this.#ask("/sandbox/seed", {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        hetzner: { tokens: [hetzner], ...seed.hetzner },
        cloudflare: { tokens: [permissions ? { token, permissions } : token], ...seed.cloudflare },
      }),
    });
    if (!response.ok) {
      const { error } = z.looseObject({ error: z.string() }).parse(await response.json());
      throw new SandboxError(`The emulated clouds cannot hold what the stack's settings refer to. ${error}`);
    }
  }

  async inventory(): Promise<Inventory> {
    return inventory.parse(await (await this.#ask("/sandbox/inventory")).json());
  }

  /** Every state of the zones, oldest first. */
  async zoneLog(): Promise<readonly ZoneLogEntry[]> {
    const answer: unknown = await (await this.#ask("/sandbox/zone-log")).json();
    return z.looseObject({ entries: z.array(zoneLogEntry) }).parse(answer).entries;
  }

  async #ask(url: string, init?: RequestInit): Promise<Response> {
    try {
      return await fetch(`http://127.0.0.1:${this.#port}${url}`, init);
    } catch (error) {
      const why =
        error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
      throw new SandboxError(
        `The emulated clouds do not answer on port ${this.#port} (${why}): run the command again, it starts them anew.`,
      );
    }
  }
}

/** A digest of the clouds' own files. */
function hashCode(dir: string): string {
  const files = fs
    .readdirSync(dir, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .sort();
  return digest(...files.flatMap((file) => [file, fs.readFileSync(path.join(dir, file), "utf8")]));
}
