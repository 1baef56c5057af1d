import * as fs from "node:fs";
import * as path from "node:path";

import { binDir } from "../../sandbox/paths";
import type { TestCa } from "./network/test-ca";
import { addresses } from "./network/network-addresses";
import { BackgroundProcess } from "./network/background-process";
import { request } from "./browser";
import { apply, readArguments, kube, writeKubeconfigAs } from "./deployment";

/** Where the ACME server's directory is. */
export const acmeDirectory = `https://${addresses.acme}:14000/dir`;

const hour = 3_600_000;

const secret = (namespace: string): string => `/api/v1/namespaces/${namespace}/secrets/wildcard-tls`;

/** Who issues certificates: an ACME server, cert-manager that asks it, and a CA that issued those of before. */
export class CertificateIssuing {
  readonly #former: TestCa;
  readonly #logs: string;
  readonly #others: TestCa;
  #acmeRoot = "";
  #certManager: BackgroundProcess | undefined;

  /**
   * @param logs the folder for the programs' logs.
   * @param others the CA of other people's hosts, the ACME server's among them.
   * @param former the CA of the certificates that are to be replaced.
   */
  constructor(logs: string, others: TestCa, former: TestCa) {
    this.#former = former;
    this.#logs = logs;
    this.#others = others;
  }

  /** The CAs that sign what origins show, PEM. */
  get cas(): string {
    return `${this.#acmeRoot}${this.#former.cert}`;
  }

  async startAcmeServer(): Promise<void> {
    const own = await this.#others.issue(["pebble"], { ipAddresses: [addresses.acme] });
    const [certificate, privateKey] = [this.#file("pebble.pem"), this.#file("pebble.key")];
    fs.writeFileSync(certificate, own.cert);
    fs.writeFileSync(privateKey, own.key, { mode: 0o600 });
    const pebble = {
      listenAddress: `${addresses.acme}:14000`,
      managementListenAddress: `${addresses.acme}:15000`,
      certificate,
      privateKey,
      httpPort: 80,
      tlsPort: 443,
      keyAlgorithm: "ecdsa",
      retryAfter: { authz: 1, order: 1 },
    };
    fs.writeFileSync(this.#file("pebble.json"), JSON.stringify({ pebble }));
    const args = ["-config", this.#file("pebble.json"), "-dnsserver", `${addresses.resolver}:53`];
    const program = new BackgroundProcess("pebble", this.#logs, path.join(binDir, "pebble"), args, {
      PEBBLE_VA_NOSLEEP: "1",
      PEBBLE_WFE_NONCEREJECT: "0",
      // As Let's Encrypt does: who has proved a name need not do so for each order.
      PEBBLE_AUTHZREUSE: "100",
    });
    await program.ready(async () => {
      const root = `https://${addresses.acme}:15000/roots/0`;
      const { status, body } = await request(root, { from: "127.0.0.1", ca: this.#others.cert });
      this.#acmeRoot = body;
      return status === 200;
    });
  }

  /**
   * Starts cert-manager with the very arguments of its Deployment, as its ServiceAccount. It takes a minute to issue its first
   * certificate.
   */
  async startCertManager(): Promise<void> {
    const args = (await readArguments("cert-manager", "cert-manager")) ?? [];
    const own = args.map((arg) => arg.replace("$(POD_NAMESPACE)", "cert-manager"));
    const command = path.join(binDir, "cert-manager");
    const all = ["--kubeconfig", writeKubeconfigAs("cert-manager", "cert-manager"), ...own];
    const env = { SSL_CERT_FILE: this.#file("public-cas.pem") };
    this.#certManager = new BackgroundProcess("cert-manager", this.#logs, command, all, env);
  }

  /** Puts a former certificate in place, unless there is one: the controller's until the first order is complete. */
  async putFormer(namespace: string): Promise<void> {
    if ((await this.chain(namespace)) === undefined)
      await this.#put(namespace, new Date(Date.now() - 60_000));
  }

  /** Puts a certificate there that expired an hour ago, and holds cert-manager until the work is done. */
  async expired(namespace: string, work: () => Promise<unknown>): Promise<void> {
    this.#certManager?.signal("SIGSTOP");
    try {
      await this.#put(namespace, new Date(Date.now() - 2 * hour));
      await work();
    } finally {
      this.#certManager?.signal("SIGCONT");
    }
  }

  /** The certificate in the Secret of a controller's namespace, with its chain, PEM. */
  async chain(namespace: string): Promise<string | undefined> {
    const found = (await kube(secret(namespace))) as { data: Readonly<Record<string, string>> } | undefined;
    const pem = found?.data["tls.crt"];
    return pem === undefined || pem === "" ? undefined : Buffer.from(pem, "base64").toString();
  }

  async #put(namespace: string, from: Date): Promise<void> {
    const { cert, key } = await this.#former.issue(["example.com", "*.example.com"], { from, hours: 1 });
    await apply(secret(namespace), {
      apiVersion: "v1",
      kind: "Secret",
      type: "kubernetes.io/tls",
      metadata: { name: "wildcard-tls", namespace },
      stringData: { "tls.crt": cert, "tls.key": key },
    });
  }

  #file(name: string): string {
    return path.join(this.#logs, name);
  }
}
