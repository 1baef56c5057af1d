import * as net from "node:net";

/** How a service of the load balancer is checked, in seconds. */
export interface CheckSettings {
  readonly port: number;
  readonly interval: number;
  readonly timeout: number;
  readonly retries: number;
}

/** Whether a node's port opens, asked again and again as the service has it. Only TCP: nothing else is asked here. */
export class Check {
  healthy = false;
  /** The first answer has come. */
  readonly first: Promise<void>;
  readonly #timer: NodeJS.Timeout;
  #failed = 0;

  constructor(node: string, check: CheckSettings) {
    const look = async () => {
      const answers = await opens(node, check.port, check.timeout * 1000);
      this.#failed = answers ? 0 : this.#failed + 1;
      if (answers) this.healthy = true;
      else if (this.#failed >= check.retries) this.healthy = false;
    };
    this.first = look();
    this.#timer = setInterval(() => void look(), check.interval * 1000);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

function opens(host: string, port: number, milliseconds: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port, timeout: milliseconds });
    const done = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.on("connect", () => done(true));
    socket.on("timeout", () => done(false));
    socket.on("error", () => done(false));
  });
}
