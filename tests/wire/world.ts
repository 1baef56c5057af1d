import * as fs from "node:fs";
import * as https from "node:https";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import type { Inventory } from "../../sandbox/clouds/client";
import { binDir, firstPort, sandboxDir as home } from "../../sandbox/paths";
import { serveBackend } from "../../sandbox/wire/backend";
import { Authority, type Pair } from "../../sandbox/wire/certificates";
import { Edge } from "../../sandbox/wire/edge";
import { CarriedLoadBalancer, type Twist } from "../../sandbox/wire/load-balancer";
import { serveNames } from "../../sandbox/wire/names";
import { furnish } from "../../sandbox/wire/namespace";
import { cloudflareHost, serveCloudflareApi } from "../../sandbox/wire/other-hosts";
import { places, podAddress } from "../../sandbox/wire/places";
import { answers, OpenNodePort, Program } from "../../sandbox/wire/pod";
import { traefikFlags, traefikObjects } from "../../sandbox/wire/traefik-flags";
import { trust, visit } from "./browser";
import {
  apply,
  argumentsOf,
  clouds,
  hetzner,
  kube,
  kubeconfig,
  plain,
  resources,
  sandbox,
  valuesOf,
} from "./deployment";
import { wireSettings } from "./settings";

const acmeDirectory = `https://${places.acme}:14000/dir`;

/** A node with its copy of the controller. */
export interface Node {
  readonly address: string;
  readonly traefik: Program;
  readonly door: OpenNodePort;
}

/** Everything between a browser and a pod: what the program deployed, and what carries a request through it. */
export class World {
  /** CAs that everybody trusts: the edge's, that of others' hosts, and the ACME server's. */
  readonly edgeCa = new Authority("The edge's CA");
  readonly othersCa = new Authority("The CA of other hosts");
  /** Shown by Cloudflare for every zone without a certificate of its own; anybody's zone has it. */
  readonly shared: Pair = new Authority("Cloudflare's shared CA").pair(["origin-pull.cloudflare.net"]);
  /** Signed the certificate that is about to expire, and that Traefik shows until the new one is there. */
  readonly formerCa = new Authority("The CA of the expiring certificate");
  acmeRoot = "";
  /** The CAs that the edge verifies origins by. */
  edgeTrusts = (): readonly string[] => [this.originCas];
  nodes: readonly Node[] = [];
  balancer = new CarriedLoadBalancer("k3s-lb", hetzner);
  passwords: ReadonlyMap<string, string> = new Map();
  readonly #logs = path.join(home, "logs-of-the-wire");
  #records: Inventory["cloudflare"]["dns_records"] = [];
  #ssl = "full";
  #client: Pair | undefined;
  readonly edge = new Edge({
    own: this.edgeCa.pair(["example.com", "*.example.com"]),
    trusted: () => this.edgeTrusts(),
    state: () => ({ originOf: (host) => this.#originOf(host), ssl: this.#ssl, client: this.#client }),
  });

  async begin(): Promise<void> {
    const began = Date.now();
    const say = (what: string) => console.log(`  ${((Date.now() - began) / 1000).toFixed(0)} s: ${what}`);
    fs.mkdirSync(this.#logs, { recursive: true });
    furnish(home);
    trust.edge = this.edgeCa.cert;
    fs.writeFileSync(this.#file("public-cas.pem"), `${this.othersCa.cert}${this.edgeCa.cert}`);
    await serveNames({
      zone: "example.com",
      records: async () => (await clouds.inventory()).cloudflare.dns_records,
      hosts: { [cloudflareHost]: places.others },
      addresses: [places.resolver, ...places.publicResolvers],
    });
    await serveCloudflareApi(firstPort, this.othersCa.pair([cloudflareHost]));
    await this.#startPebble();
    say("the ACME server answers");

    const file = path.join(home, "wire.yaml");
    fs.writeFileSync(file, wireSettings(acmeDirectory));
    const issuing = this.#startCertManager();
    await sandbox("up", "--stack", "prod", "--stack-file", file);
    say("the program has deployed the stack");
    await this.#serveBackends();
    await this.#learn();
    await this.#putExpiring();
    await this.#startNodes();
    await this.balancer.start();
    await this.edge.start();
    say("three copies of Traefik answer behind the load balancer");
    await issuing;
    await this.until(
      "a first request through the edge",
      async () => (await visit("https://api.example.com/health")).status === 200,
    );
    say("the first request has come through");
  }

  /** What the edge shows the origin. */
  get client(): Pair | undefined {
    return this.#client;
  }

  /** Whom a client of the origin trusts. */
  get originCas(): string {
    return `${this.acmeRoot}${this.formerCa.cert}`;
  }

  /** The chain in the Secret of the wildcard certificate, PEM. */
  async wildcard(): Promise<string | undefined> {
    const found = (await kube("/api/v1/namespaces/traefik/secrets/wildcard-tls")) as
      { data: Readonly<Record<string, string>> } | undefined;
    const pem = found?.data["tls.crt"];
    return pem === undefined || pem === "" ? undefined : Buffer.from(pem, "base64").toString();
  }

  /** Reads anew what the edge knows of the zone. */
  async learn(): Promise<void> {
    await this.#learn();
    this.edge.forget();
  }

  /** A second copy of the path with other values of Traefik or another load balancer, for tests that have to fail. */
  async twin(
    change: (values: Record<string, unknown>) => unknown,
    twist: Twist,
    work: () => Promise<void>,
  ): Promise<void> {
    const values = change(structuredClone(await valuesOf("traefik", "traefik")) as Record<string, unknown>);
    const usual = this.nodes;
    for (const { door } of usual) door.stop();
    this.balancer.stop();
    this.nodes = [await this.#startNode(1, usual[0]?.address ?? "", values, 20)];
    this.balancer = new CarriedLoadBalancer("k3s-lb", hetzner, twist);
    await this.balancer.start();
    this.edge.forget();
    try {
      await work();
    } finally {
      this.balancer.stop();
      for (const { door, traefik } of this.nodes) {
        door.stop();
        await traefik.kill();
      }
      this.nodes = usual.map(({ address, traefik }, index) => ({
        address,
        traefik,
        door: this.#door(index + 1, address),
      }));
      await Promise.all(this.nodes.map(({ door }) => door.look()));
      this.balancer = new CarriedLoadBalancer("k3s-lb", hetzner);
      await this.balancer.start();
      this.edge.forget();
    }
  }

  /** external-dns with the very arguments of its Deployment, changed where a test has to fail; and the token of its Secret. */
  async externalDns(
    change: (args: readonly string[]) => readonly string[] = (args) => args,
  ): Promise<Program> {
    const args = await argumentsOf("external-dns", "external-dns");
    const secret = (await kube("/api/v1/namespaces/external-dns/secrets/cloudflare-api-token")) as {
      data: { token: string };
    };
    return new Program(
      "external-dns",
      this.#logs,
      path.join(binDir, "external-dns"),
      ["--kubeconfig", kubeconfig, ...change(args ?? [])],
      {
        SSL_CERT_FILE: this.#file("public-cas.pem"),
        CF_API_TOKEN: Buffer.from(secret.data.token, "base64").toString(),
      },
    );
  }

  /** Waits until it is so. @throws it was not within so many seconds. */
  async until(what: string, probe: () => Promise<boolean>, seconds = 60): Promise<void> {
    const deadline = Date.now() + seconds * 1000;
    while (!(await probe().catch(() => false))) {
      if (Date.now() > deadline)
        throw new Error(`${what} did not come within ${seconds} s: see ${this.#logs}`);
      await sleep(250);
    }
  }

  #file(name: string): string {
    return path.join(this.#logs, name);
  }

  #originOf(host: string): string | undefined {
    const named = this.#records.find(({ name, proxied }) => proxied === true && name === host);
    if (named?.type === "CNAME") return this.#originOf(named.content ?? "");
    return (
      this.#records.find(({ name, proxied, type }) => proxied === true && type === "A" && name === host)
        ?.content ?? undefined
    );
  }

  async #learn(): Promise<void> {
    const { dns_records, settings, origin_pulls } = (await clouds.inventory()).cloudflare;
    this.#records = dns_records;
    const ssl = settings.find(({ id }) => id === "ssl")?.value;
    this.#ssl = typeof ssl === "string" ? ssl : "full";
    const state = resources();
    const isOn = origin_pulls.settings.some(({ enabled }) => enabled);
    const active = origin_pulls.certificates.filter(({ status }) => status === "active").at(-1);
    const key = state.find(
      ({ type, urn }) => type.startsWith("tls:index/privateKey") && urn.includes("origin-lock-client"),
    );
    const cert = typeof active?.certificate === "string" ? active.certificate : undefined;
    this.#client = !isOn
      ? undefined
      : cert === undefined
        ? this.shared
        : { cert, key: plain(key?.outputs?.privateKeyPem) };
    this.passwords = new Map(
      state
        .filter(({ type }) => type === "random:index/randomPassword:RandomPassword")
        .map(({ urn, outputs }) => [urn.slice(urn.lastIndexOf("::") + 2), plain(outputs?.result)]),
    );
  }

  async #startPebble(): Promise<void> {
    const own = this.othersCa.pair(["pebble"], [places.acme]);
    fs.writeFileSync(this.#file("pebble.pem"), own.cert);
    fs.writeFileSync(this.#file("pebble.key"), own.key, { mode: 0o600 });
    const pebble = {
      listenAddress: `${places.acme}:14000`,
      managementListenAddress: `${places.acme}:15000`,
      certificate: this.#file("pebble.pem"),
      privateKey: this.#file("pebble.key"),
      httpPort: 80,
      tlsPort: 443,
      keyAlgorithm: "ecdsa",
      retryAfter: { authz: 1, order: 1 },
    };
    fs.writeFileSync(this.#file("pebble.json"), JSON.stringify({ pebble }));
    const args = ["-config", this.#file("pebble.json"), "-dnsserver", `${places.resolver}:53`];
    const program = new Program("pebble", this.#logs, path.join(binDir, "pebble"), args, {
      PEBBLE_VA_NOSLEEP: "1",
      PEBBLE_WFE_NONCEREJECT: "0",
    });
    const root = `https://${places.acme}:15000/roots/0`;
    await program.ready(async () => {
      const { status, body } = await visit(root, { from: "127.0.0.1", ca: this.othersCa.cert });
      this.acmeRoot = body;
      return status === 200;
    });
  }

  /** As soon as its Deployment is there, as a node would: with its very arguments. */
  async #startCertManager(): Promise<void> {
    let args: readonly string[] | undefined;
    await this.until(
      "the Deployment of cert-manager",
      async () => (args = await argumentsOf("cert-manager", "cert-manager")) !== undefined,
      150,
    );
    const own = (args ?? []).map((arg) => arg.replace("$(POD_NAMESPACE)", "cert-manager"));
    new Program(
      "cert-manager",
      this.#logs,
      path.join(binDir, "cert-manager"),
      ["--kubeconfig", kubeconfig, ...own],
      {
        SSL_CERT_FILE: this.#file("public-cas.pem"),
      },
    );
  }

  /** What a renewal starts from: a certificate that has an hour left. Traefik shows it while the order is under way. */
  async #putExpiring(): Promise<void> {
    const { cert, key } = this.formerCa.pair(["example.com", "*.example.com"], [], 1);
    await apply("/api/v1/namespaces/traefik/secrets/wildcard-tls", {
      apiVersion: "v1",
      kind: "Secret",
      type: "kubernetes.io/tls",
      metadata: { name: "wildcard-tls", namespace: "traefik" },
      stringData: { "tls.crt": cert, "tls.key": key },
    });
  }

  async #serveBackends(): Promise<void> {
    const { items } = (await kube("/api/v1/namespaces/production/services")) as {
      items: readonly {
        metadata: { name: string };
        spec: { clusterIP: string; ports: readonly { port: number }[] };
      }[];
    };
    for (const { metadata, spec } of items)
      for (const { port } of spec.ports) await serveBackend(metadata.name, spec.clusterIP, port);
  }

  async #startNodes(): Promise<void> {
    const values = await valuesOf("traefik", "traefik");
    for (const [at, object] of Object.entries(traefikObjects(values, "traefik"))) await apply(at, object);
    const { servers } = (await hetzner("/servers")) as {
      servers: readonly { private_net: readonly { ip: string }[] }[];
    };
    const addresses = servers.map(({ private_net }) => private_net[0]?.ip ?? "");
    this.nodes = await Promise.all(
      addresses.map((address, index) => this.#startNode(index + 1, address, values)),
    );
  }

  async #startNode(number: number, address: string, values: unknown, slot = 10): Promise<Node> {
    const pod = podAddress(number, slot);
    const traefik = new Program(
      `traefik-${number}-${slot}`,
      this.#logs,
      path.join(binDir, "traefik"),
      traefikFlags(values, pod),
      {
        KUBECONFIG: kubeconfig,
      },
    );
    await traefik.ready(() => answers(pod, 8080, "/ping"));
    const door = this.#door(number, address, slot);
    await door.look();
    return { address, traefik, door };
  }

  #door(number: number, node: string, slot = 10): OpenNodePort {
    const pod = podAddress(number, slot);
    return new OpenNodePort({
      node,
      pod,
      ports: { 30080: 8000, 30443: 8443 },
      ready: () => answers(pod, 8080, "/ping"),
    });
  }
}

/** Keeps connections, as a browser does. */
export const keeping = (): https.Agent => new https.Agent({ keepAlive: true, maxSockets: 20 });
