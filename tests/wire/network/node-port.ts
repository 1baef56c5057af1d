import * as net from "node:net";

import { listen, pipe } from "./tcp";
import { answers } from "./background-process";

export interface NodePortOptions {
  /** The node's address. */
  readonly node: string;
  /** Port on the node, to the port of the pod on it. */
  readonly ports: Readonly<Record<number, number>>;
}

/** How the kubelet looks whether a pod is ready: the container's `readinessProbe`, an HTTP GET. */
export interface Probe {
  readonly port: number;
  readonly path: string;
  readonly periodSeconds: number;
  /** Failed looks in a row until it counts as unready. */
  readonly failureThreshold: number;
}

/** Whether the pod answers its readiness probe. */
export const isReady = (pod: string, { port, path }: Probe): Promise<boolean> => answers(pod, port, path);

/**
 * The work of kubelet and kube-proxy for a Service with `externalTrafficPolicy: Local` on one node: its ports route to the
 * pod on that node, the sender's address is kept, and when the pod is no longer ready the ports open no more, while
 * connections that are there go on.
 */
export class NodePort {
  readonly #options: NodePortOptions;
  #servers: net.Server[] = [];
  #led: { readonly pod: string; readonly probe: Probe } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failed = 0;

  constructor(options: NodePortOptions) {
    this.#options = options;
  }

  /** New connections go to this pod from now on; opens when it is ready. */
  async routeTo(pod: string, probe: Probe): Promise<void> {
    clearInterval(this.#timer);
    this.#led = { pod, probe };
    this.#timer = setInterval(() => void this.#look(), probe.periodSeconds * 1000);
    await this.#look();
  }

  /** Accepts no connections until the next {@link routeTo}. */
  close(): void {
    clearInterval(this.#timer);
    this.#led = undefined;
    this.#close();
  }

  /** A pod is ready by its first answer, and unready by so many missing ones. */
  async #look(): Promise<void> {
    const led = this.#led;
    if (led === undefined) return;
    const answered = await isReady(led.pod, led.probe);
    // The target may have changed meanwhile.
    if (led !== this.#led) return;
    this.#failed = answered ? 0 : this.#failed + 1;
    const isOpen = this.#servers.length > 0;
    if (answered && !isOpen) await this.#open();
    else if (isOpen && this.#failed >= led.probe.failureThreshold) this.#close();
  }

  async #open(): Promise<void> {
    const { node, ports } = this.#options;
    for (const [port, podPort] of Object.entries(ports)) {
      const server = net.createServer({ pauseOnConnect: true }, (near) => {
        if (this.#led === undefined) near.destroy();
        else
          pipe(near, {
            host: this.#led.pod,
            port: podPort,
            ...(near.remoteAddress !== undefined && { localAddress: near.remoteAddress }),
          });
      });
      this.#servers.push(server);
      await listen(server, node, Number(port));
    }
  }

  #close(): void {
    for (const server of this.#servers) server.close();
    this.#servers = [];
  }
}
