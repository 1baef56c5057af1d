import * as net from "node:net";

/**
 * Joins an accepted connection to one that is being opened, and ends both when one of them ends.
 *
 * @param greeting goes first to the far end.
 */
export function pipe(near: net.Socket, options: net.TcpNetConnectOpts, greeting?: string): net.Socket {
  const far = net.connect(options);
  far.setNoDelay(true);
  near.setNoDelay(true);
  far.on("connect", () => {
    if (greeting !== undefined) far.write(greeting);
    near.pipe(far);
    far.pipe(near);
  });
  for (const [one, other] of [
    [near, far],
    [far, near],
  ] as const) {
    one.on("error", () => other.destroy());
    one.on("close", () => other.destroy());
  }
  return far;
}

/** Starts to listen. Rejects when it cannot. */
export function listen(server: net.Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
