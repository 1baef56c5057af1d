import * as fs from "node:fs";
import * as path from "node:path";

import { controllers, type ControllerName } from "../../components/ingress/controllers";
import { binDir, cloudsPort, sandboxDir as home } from "../../sandbox/paths";
import { TestCa, type CertificatePair } from "./network/test-ca";
import type { ControllerReplicas } from "./network/controller-replicas";
import { CloudflareEdge } from "./network/cloudflare-edge";
import { TcpLoadBalancer, type FaultInjection } from "./network/tcp-load-balancer";
import { serveDns } from "./network/dns-server";
import { configureNetwork } from "./network/network-namespace";
import { cloudflareHost, serveCloudflareApi } from "./network/cloudflare-api-proxy";
import { addresses } from "./network/network-addresses";
import { BackgroundProcess } from "./network/background-process";
import { Backends } from "./backends";
import { trust } from "./browser";
import { Controllers, type ChangeValues } from "./controllers";
import {
  readArguments,
  clouds,
  hetzner,
  kube,
  kubeconfig,
  decodeSecret,
  readResources,
  sandbox,
} from "./deployment";
import { acmeDirectory, CertificateIssuing } from "./certificate-issuing";
import { wireSettings } from "./settings";
import { assertNothingLost } from "./steady-traffic";
import { until } from "./wait-until";
import { Zone } from "./zone";

interface Certificates {
  /** The CA of the edge's own certificate, for browsers. */
  readonly edgeCa: TestCa;
  readonly edgeOwn: CertificatePair;
  /** The CA of other hosts, such as api.cloudflare.com. */
  readonly othersCa: TestCa;
  /** The CA of the origin's certificates that cert-manager replaces. */
  readonly formerCa: TestCa;
  readonly shared: CertificatePair;
}

/** The path between a browser and a pod: the deployed stack, and the processes that stand in for the clouds. */
export class TestEnvironment {
  readonly #began = Date.now();
  readonly #logs = path.join(home, "logs-of-the-wire");
  readonly #edgeCa: TestCa;
  readonly #othersCa: TestCa;
  /** Cloudflare's shared client certificate, for every zone without its own. */
  readonly shared: CertificatePair;
  readonly zone: Zone;
  readonly issuing: CertificateIssuing;
  readonly #controllers = new Controllers(this.#logs, (namespace) => this.issuing.putFormer(namespace));
  /** The CAs that the edge verifies origins by. */
  edgeTrusts = (): string => this.issuing.cas;
  balancer = new TcpLoadBalancer("k3s-lb", hetzner);
  passwords: ReadonlyMap<string, string> = new Map();
  readonly edge: CloudflareEdge;

  private constructor({ edgeCa, othersCa, formerCa, shared, edgeOwn }: Certificates) {
    this.#edgeCa = edgeCa;
    this.#othersCa = othersCa;
    this.shared = shared;
    this.zone = new Zone(shared);
    this.issuing = new CertificateIssuing(this.#logs, othersCa, formerCa);
    this.edge = new CloudflareEdge({
      own: edgeOwn,
      trusted: () => [this.edgeTrusts()],
      state: () => this.zone,
    });
  }

  /** Starts everything, with the program's stack deployed with this controller. */
  static async start(controller: ControllerName): Promise<TestEnvironment> {
    const edgeCa = await TestCa.create("The edge's CA");
    const sharedCa = await TestCa.create("Cloudflare's shared CA");
    const environment = new TestEnvironment({
      edgeCa,
      othersCa: await TestCa.create("The CA of other hosts"),
      formerCa: await TestCa.create("The CA of the certificates of before"),
      shared: await sharedCa.issue(["origin-pull.cloudflare.net"]),
      edgeOwn: await edgeCa.issue(["example.com", "*.example.com"]),
    });
    await environment.#begin(controller);
    return environment;
  }

  async #begin(controller: ControllerName): Promise<void> {
    fs.mkdirSync(this.#logs, { recursive: true });
    configureNetwork(home);
    trust.edge = this.#edgeCa.cert;
    fs.writeFileSync(this.#file("public-cas.pem"), `${this.#othersCa.cert}${this.#edgeCa.cert}`);
    await serveDns({
      zone: "example.com",
      records: async () => (await clouds.inventory()).cloudflare.dns_records,
      hosts: { [cloudflareHost]: addresses.others },
      findService: async (name, namespace) => {
        const found = await kube(`/api/v1/namespaces/${namespace}/services/${name}`);
        return (found as { readonly spec: { readonly clusterIP?: string } } | undefined)?.spec.clusterIP;
      },
      addresses: [addresses.resolver, ...addresses.publicResolvers],
    });
    await serveCloudflareApi(cloudsPort, await this.#othersCa.issue([cloudflareHost]));
    await this.issuing.startAcmeServer();
    this.#controllers.follow(home);
    await this.deploy(controller);
    await this.issuing.startCertManager();
    await new Backends(await TestCa.create("The apps' CA"), await TestCa.create("Another CA")).follow();
    await this.zone.follow();
    this.zone.learnKeys();
    this.#learnPasswords();
    await this.balancer.start();
    await this.edge.start();
    await until("requests through the edge", () => assertNothingLost(0.5, 150));
    this.log("requests come through");
  }

  /** Prints the progress. */
  log(what: string): void {
    console.log(`      ${((Date.now() - this.#began) / 1000).toFixed(0)} s: ${what}`);
  }

  /** `npm start -- up` with this controller. */
  async deploy(controller: ControllerName): Promise<void> {
    const file = path.join(home, `${controller}.yaml`);
    fs.writeFileSync(file, wireSettings(acmeDirectory, controller));
    await sandbox("up", "--stack", "prod", "--stack-file", file);
    this.log(`the program has deployed the stack with ${controller}`);
  }

  /** The replicas of a controller. @throws it is not running. */
  replicas(controller: ControllerName): ControllerReplicas {
    return this.#controllers.replicas(controllers[controller].installation.identity.name);
  }

  /** Runs a check with other values of Traefik or another load balancer, for tests that must fail. */
  async withVariant(
    { values, balancer }: { readonly values?: ChangeValues; readonly balancer?: FaultInjection },
    work: () => Promise<void>,
  ): Promise<void> {
    const putBack = values && (await this.#controllers.replaceTraefik(values));
    await this.#replaceBalancer(new TcpLoadBalancer("k3s-lb", hetzner, balancer));
    try {
      await work();
    } finally {
      await putBack?.();
      await this.#replaceBalancer(new TcpLoadBalancer("k3s-lb", hetzner));
    }
  }

  /** An additional Traefik with other values at this address, behind no load balancer. */
  startTraefik(values: ChangeValues, pod: string): Promise<BackgroundProcess> {
    return this.#controllers.startTraefik(values, pod);
  }

  /** external-dns with the arguments of its Deployment, except for these, and with the token of its Secret. */
  async externalDns(options: Readonly<Record<string, string>>): Promise<BackgroundProcess> {
    const deployed = (await readArguments("external-dns", "external-dns")) ?? [];
    const kept = deployed.filter((arg) => options[arg.split("=")[0] ?? ""] === undefined);
    const changed = Object.entries(options).map(([option, value]) => `${option}=${value}`);
    const secret = (await kube("/api/v1/namespaces/external-dns/secrets/cloudflare-api-token")) as {
      data: { token: string };
    };
    const command = path.join(binDir, "external-dns");
    const args = ["--kubeconfig", kubeconfig, ...kept, ...changed];
    return new BackgroundProcess("external-dns", this.#logs, command, args, {
      SSL_CERT_FILE: this.#file("public-cas.pem"),
      CF_API_TOKEN: Buffer.from(secret.data.token, "base64").toString(),
    });
  }

  /** Replaces the load balancer, and drops the edge's connections. */
  async #replaceBalancer(balancer: TcpLoadBalancer): Promise<void> {
    this.balancer.stop();
    this.balancer = balancer;
    await balancer.start();
    this.edge.forget();
  }

  #learnPasswords(): void {
    this.passwords = new Map(
      readResources()
        .filter(({ type }) => type === "random:index/randomPassword:RandomPassword")
        .map(({ urn, outputs }) => [urn.slice(urn.lastIndexOf("::") + 2), decodeSecret(outputs?.result)]),
    );
  }

  #file(name: string): string {
    return path.join(this.#logs, name);
  }
}
