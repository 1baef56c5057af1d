import { setTimeout as sleep } from "node:timers/promises";

import type { Inventory } from "../../sandbox/clouds/client";
import type { CertificatePair } from "./network/test-ca";
import type { EdgeState } from "./network/cloudflare-edge";
import { clouds, decodeSecret, readResources } from "./deployment";

type Cloudflare = Inventory["cloudflare"];

/** The zone as Cloudflare's edge knows it, a quarter of a second after it was changed. */
export class Zone implements EdgeState {
  readonly #shared: CertificatePair;
  #keys: readonly string[] = [];
  #now: Cloudflare | undefined;

  /** @param shared shown to the origins of every zone without a certificate of its own. */
  constructor(shared: CertificatePair) {
    this.#shared = shared;
  }

  /** Follows the emulated cloud until the end of the process. */
  async follow(): Promise<void> {
    await this.#look();
    void this.#keepLooking();
  }

  /** Reads the program's private keys from the state: an uploaded certificate comes with its key. */
  learnKeys(): void {
    this.#keys = readResources()
      .filter(
        ({ type, urn }) => type.startsWith("tls:index/privateKey") && urn.includes("origin-lock-client"),
      )
      .map(({ outputs }) => decodeSecret(outputs?.privateKeyPem));
  }

  get ssl(): string {
    const found = this.#now?.settings.find(({ id }) => id === "ssl")?.value;
    return typeof found === "string" ? found : "full";
  }

  /** The client certificate for origins; undefined without authenticated origin pulls. */
  get client(): CertificatePair | undefined {
    const { certificates = [], settings = [] } = this.#now?.origin_pulls ?? {};
    if (!settings.some(({ enabled }) => enabled)) return undefined;
    const own = certificates.filter(({ status }) => status === "active").at(-1)?.certificate;
    const key = this.#keys.at(-1);
    return typeof own === "string" && key !== undefined ? { cert: own, key } : this.#shared;
  }

  findOrigin(host: string): string | undefined {
    const proxied = (this.#now?.dns_records ?? []).filter(
      (record) => record.proxied === true && record.name === host,
    );
    const alias = proxied.find(({ type }) => type === "CNAME");
    if (alias !== undefined) return this.findOrigin(alias.content ?? "");
    return proxied.find(({ type }) => type === "A")?.content ?? undefined;
  }

  async #look(): Promise<void> {
    this.#now = (await clouds.inventory()).cloudflare;
  }

  async #keepLooking(): Promise<void> {
    for (;;) {
      await sleep(250);
      // The cloud is unreachable for a moment during a restart: the last state stays valid.
      await this.#look().catch(() => undefined);
    }
  }
}
