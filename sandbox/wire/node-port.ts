import * as net from "node:net";

import { listen, pipe } from "./piped";

export interface NodePortOptions {
  /** The node's address. */
  readonly node: string;
  /** Port on the node, to the port of the pod on it. */
  readonly ports: Readonly<Record<number, number>>;
  /** Whether the pod with this address is ready. */
  readonly ready: (pod: string) => Promise<boolean>;
}

/** Seconds between two looks of the kubelet: `readinessProbe.periodSeconds` of the charts. */
const probeSeconds = 10;

/**
 * What kubelet and kube-proxy do for a Service with `externalTrafficPolicy: Local` on one node: its ports lead to the
 * pod on that node, the sender's address is kept, and when the pod is no longer ready the ports open no more, while
 * connections that are there go on.
 */
export class NodePort {
  readonly #options: NodePortOptions;
  readonly #timer: NodeJS.Timeout;
  #servers: net.Server[] = [];
  #pod: string | undefined;

  constructor(options: NodePortOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.look(), probeSeconds * 1000);
  }

  /** New connections go to this pod from now on; opens when it is ready. */
  async leadTo(pod: string): Promise<void> {
    this.#pod = pod;
    await this.look();
  }

  /** Looks whether the pod is ready, and opens or closes the ports. */
  async look(): Promise<void> {
    const isReady = this.#pod !== undefined && (await this.#options.ready(this.#pod));
    if (isReady === this.#servers.length > 0) return;
    if (isReady) await this.#open();
    else this.#close();
  }

  /** Opens no more, until it is told where to lead. */
  shut(): void {
    this.#pod = undefined;
    this.#close();
  }

  /** For good. */
  stop(): void {
    clearInterval(this.#timer);
    this.shut();
  }

  async #open(): Promise<void> {
    const { node, ports } = this.#options;
    for (const [port, podPort] of Object.entries(ports)) {
      const server = net.createServer({ pauseOnConnect: true }, (near) => {
        if (this.#pod === undefined) near.destroy();
        else
          pipe(near, {
            host: this.#pod,
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
