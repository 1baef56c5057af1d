import * as net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import { z } from "zod";

import { HealthCheckLoop, healthCheck, type HealthCheck } from "./health-check-loop";
import { listen, pipe } from "./tcp";

const service = z.looseObject({
  listen_port: z.number(),
  destination_port: z.number(),
  proxyprotocol: z.boolean(),
  health_check: healthCheck,
});
type Service = z.infer<typeof service>;

const loadBalancer = z.looseObject({
  public_net: z.looseObject({ ipv4: z.looseObject({ ip: z.string() }) }),
  private_net: z.array(z.looseObject({ ip: z.string() })),
  services: z.array(service),
  targets: z.array(
    z.looseObject({
      type: z.string(),
      server: z.looseObject({ id: z.number() }).optional(),
      targets: z.array(z.looseObject({ server: z.looseObject({ id: z.number() }) })).optional(),
    }),
  ),
});
type LoadBalancer = z.infer<typeof loadBalancer>;

const server = z.looseObject({ id: z.number(), private_net: z.array(z.looseObject({ ip: z.string() })) });

/** Reads the JSON at a path of the Hetzner Cloud API, such as `/servers`. */
export type ReadHetzner = (path: string) => Promise<unknown>;

/** Deviations from the API's configuration, for tests that must fail. */
export interface FaultInjection {
  /** Whether to send the PROXY header. Default: as the service has it. */
  readonly proxyprotocol?: boolean;
  /** False: every node counts as healthy. */
  readonly checks?: boolean;
}

/**
 * Carries the traffic of one load balancer of the emulated cloud: listens where its services listen, and forwards each
 * connection from its private address to the next healthy node in turn. It follows changes at the API within
 * a quarter of a second; connections that are there stay where they are.
 */
export class TcpLoadBalancer {
  readonly #ask: ReadHetzner;
  readonly #name: string;
  readonly #twist: FaultInjection;
  readonly #listeners = new Map<number, net.Server>();
  readonly #checks = new Map<string, HealthCheckLoop>();
  #now: LoadBalancer | undefined;
  #nodes: readonly string[] = [];
  #turn = 0;
  #ended = false;

  constructor(name: string, ask: ReadHetzner, twist: FaultInjection = {}) {
    this.#name = name;
    this.#ask = ask;
    this.#twist = twist;
  }

  /** Its public IPv4 address. */
  get address(): string {
    if (this.#now === undefined) throw new Error(`the load balancer ${this.#name} is not there`);
    return this.#now.public_net.ipv4.ip;
  }

  /** Resolves when every service has been checked on every node once. */
  async start(): Promise<void> {
    await this.#follow();
    void this.#watch();
  }

  stop(): void {
    this.#ended = true;
    for (const listener of this.#listeners.values()) listener.close();
    for (const check of this.#checks.values()) check.stop();
  }

  /** The nodes that a service of this port sends to now. */
  healthy(listenPort: number): readonly string[] {
    const found = this.#now?.services.find(({ listen_port }) => listen_port === listenPort);
    return found === undefined ? [] : this.#healthyOf(found);
  }

  async #watch(): Promise<void> {
    while (!this.#ended) {
      await sleep(250);
      // The API is unreachable for a moment during a restart of the clouds: the last state stays valid.
      await this.#follow().catch(() => undefined);
    }
  }

  async #follow(): Promise<void> {
    const { load_balancers } = z
      .looseObject({ load_balancers: z.array(loadBalancer) })
      .parse(await this.#ask(`/load_balancers?name=${this.#name}`));
    const { servers } = z
      .looseObject({ servers: z.array(server) })
      .parse(await this.#ask("/servers?per_page=50"));
    const [now] = load_balancers;
    if (now === undefined) throw new Error(`the load balancer ${this.#name} is not there`);
    const ids = now.targets.flatMap((target) =>
      target.server ? [target.server.id] : (target.targets ?? []).map((each) => each.server.id),
    );
    const nodes = servers
      .filter(({ id }) => ids.includes(id))
      .flatMap(({ private_net }) => private_net.slice(0, 1).map(({ ip }) => ip));
    await this.#keepChecks(now, nodes);
    this.#now = now;
    this.#nodes = nodes;
    for (const { listen_port } of now.services)
      if (!this.#listeners.has(listen_port)) await this.#open(listen_port);
    for (const [port, listener] of this.#listeners)
      if (!now.services.some(({ listen_port }) => listen_port === port)) {
        listener.close();
        this.#listeners.delete(port);
      }
  }

  async #open(port: number): Promise<void> {
    const listener = net.createServer({ pauseOnConnect: true }, (near) => this.#lead(near, port));
    this.#listeners.set(port, listener);
    await listen(listener, this.address, port);
  }

  #lead(near: net.Socket, port: number): void {
    const found = this.#now?.services.find(({ listen_port }) => listen_port === port);
    const nodes = found === undefined ? [] : this.#healthyOf(found);
    const node = nodes[this.#turn++ % Math.max(1, nodes.length)];
    if (found === undefined || node === undefined) {
      near.destroy();
      return;
    }
    const greets = this.#twist.proxyprotocol ?? found.proxyprotocol;
    const greeting = greets ? proxyHeader(near) : undefined;
    const localAddress = this.#now?.private_net[0]?.ip;
    pipe(
      near,
      { host: node, port: found.destination_port, ...(localAddress !== undefined && { localAddress }) },
      greeting,
    );
  }

  #healthyOf({ health_check }: Service): readonly string[] {
    if (this.#twist.checks === false) return this.#nodes;
    return this.#nodes.filter((node) => this.#checks.get(toKey(node, health_check))?.healthy === true);
  }

  /** A new health check must have one result before it is used. */
  async #keepChecks({ services }: LoadBalancer, nodes: readonly string[]): Promise<void> {
    const wanted = new Map(
      services.flatMap(({ health_check }) =>
        nodes.map((node) => [toKey(node, health_check), { node, health_check }] as const),
      ),
    );
    for (const [key, { node, health_check }] of wanted)
      if (!this.#checks.has(key)) this.#checks.set(key, new HealthCheckLoop(node, health_check));
    await Promise.all([...this.#checks.values()].map(({ first }) => first));
    for (const [key, check] of this.#checks)
      if (!wanted.has(key)) {
        check.stop();
        this.#checks.delete(key);
      }
  }
}

const toKey = (node: string, check: HealthCheck): string => `${node} ${JSON.stringify(check)}`;

/**
 * The header of PROXY protocol version 1: one line before the first byte of the client's.
 *
 * @see https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt section 2.1
 */
const proxyHeader = ({ remoteAddress, localAddress, remotePort, localPort }: net.Socket): string =>
  `PROXY TCP4 ${remoteAddress ?? ""} ${localAddress ?? ""} ${remotePort ?? 0} ${localPort ?? 0}\r\n`;
