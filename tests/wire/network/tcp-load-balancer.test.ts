import * as assert from "node:assert/strict";
import * as http from "node:http";
import * as net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import { TcpLoadBalancer } from "./tcp-load-balancer";
import { listen } from "./tcp";

/** Addresses of this machine alone: the load balancer's, and two nodes'. */
const [front, ...nodes] = ["127.44.0.1", "127.44.0.2", "127.44.0.3"] as const;
const [listenPort, nodePort] = [24_080, 24_081];

/** A node that returns the first bytes it receives, and answers HTTP with this status. */
async function node(address: string, status = 200): Promise<net.Server> {
  const server = net.createServer((socket) => {
    socket.once("data", (first) => {
      const text = first.toString();
      if (!text.startsWith("GET ")) socket.end(`${address} ${text}`);
      else socket.end(`HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\ncontent-length: 0\r\n\r\n`);
    });
    socket.on("error", () => undefined);
  });
  await listen(server, address, nodePort);
  return server;
}

/** API responses for a load balancer with one service. */
const api =
  (service: object, check: object = { protocol: "tcp" }) =>
  (path: string): Promise<unknown> =>
    Promise.resolve(
      path.startsWith("/servers")
        ? { servers: nodes.map((ip, id) => ({ id, private_net: [{ ip }] })) }
        : {
            load_balancers: [
              {
                public_net: { ipv4: { ip: front } },
                private_net: [{ ip: front }],
                targets: nodes.map((_, id) => ({ type: "server", server: { id } })),
                services: [
                  {
                    listen_port: listenPort,
                    destination_port: nodePort,
                    proxyprotocol: false,
                    health_check: { port: nodePort, interval: 0.05, timeout: 1, retries: 2, ...check },
                    ...service,
                  },
                ],
              },
            ],
          },
    );

/** The response to a line; empty if the connection ends first. */
const send = (line = "hello\n"): Promise<string> =>
  new Promise((resolve) => {
    let text = "";
    const socket = net.connect({ host: front, port: listenPort, localAddress: "127.0.0.1" });
    socket.on("data", (chunk) => (text += chunk.toString()));
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(text));
    socket.write(line);
  });

describe("the load balancer that carries traffic", () => {
  let servers: net.Server[];
  let balancer: TcpLoadBalancer | undefined;
  const start = async (ask: (path: string) => Promise<unknown>) => {
    balancer = new TcpLoadBalancer("lb", ask);
    await balancer.start();
    return balancer;
  };
  beforeEach(async () => (servers = await Promise.all(nodes.map((address) => node(address)))));
  afterEach(() => {
    balancer?.stop();
    for (const server of servers) server.close();
  });

  it("connects to each node in turn, without a header of its own", async () => {
    await start(api({}));
    assert.deepEqual(
      [await send(), await send()].sort(),
      nodes.map((address) => `${address} hello\n`),
    );
  });

  it("sends a PROXY protocol header if the service has it enabled", async () => {
    await start(api({ proxyprotocol: true }));
    assert.match(await send(), /^127\.44\.0\.\d PROXY TCP4 127\.0\.0\.1 127\.44\.0\.1 \d+ 24080\r\n/);
  });

  it("removes a failed node after the service's number of checks", async () => {
    const started = await start(api({}));
    assert.equal(started.healthy(listenPort).length, 2);
    servers[0]?.close();
    await sleep(400);
    assert.deepEqual(started.healthy(listenPort), [nodes[1]]);
    assert.deepEqual([await send(), await send()], [`${nodes[1]} hello\n`, `${nodes[1]} hello\n`]);
  });

  it("removes a node with an unexpected response", async () => {
    servers[1]?.close();
    servers[1] = await node(nodes[1], 503);
    const asked = { protocol: "http", http: { path: "/ping", status_codes: ["2??"] } };
    const started = await start(api({}, asked));
    assert.deepEqual(started.healthy(listenPort), [nodes[0]]);
  });

  it("closes the connection if no node is healthy", async () => {
    for (const server of servers) server.close();
    await start(api({}));
    assert.equal(await send(), "");
  });
});
