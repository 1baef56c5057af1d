import * as assert from "node:assert/strict";
import { once } from "node:events";
import * as net from "node:net";
import { Worker } from "node:worker_threads";

import { fetchTextSync } from "../../../components/ingress/fetch-text-sync";

/** A server in another thread, since fetchTextSync blocks this one. */
const server = `
const { parentPort } = require("node:worker_threads");
const http = require("node:http");
http
  .createServer(({ url }, response) => {
    if (url === "/moved") response.writeHead(302, { location: "/text" }).end();
    else if (url === "/text") response.end("größer\\n".repeat(300000));
    else response.writeHead(404).end("no such page");
  })
  .listen(0, "127.0.0.1", function () {
    parentPort.postMessage(this.address().port);
  });`;

describe("fetchTextSync", () => {
  let worker: Worker;
  let base: string;
  before(async () => {
    worker = new Worker(server, { eval: true });
    const [port] = (await once(worker, "message")) as [number];
    base = `http://127.0.0.1:${port}`;
  });
  after(() => worker.terminate());

  it("returns the body of the response, however long", () =>
    assert.equal(fetchTextSync(`${base}/text`), "größer\n".repeat(300000)));

  it("follows redirects", () => assert.equal(fetchTextSync(`${base}/moved`).length, 7 * 300000));

  it("throws the status of any other response", () =>
    assert.throws(() => fetchTextSync(`${base}/none`), { message: "the response is 404" }));

  it("throws the reason if there is no response", async () => {
    const closed = net.createServer().listen(0, "127.0.0.1");
    await once(closed, "listening");
    const { port } = closed.address() as net.AddressInfo;
    closed.close();
    await once(closed, "close");
    const message = `connect ECONNREFUSED 127.0.0.1:${port}`;
    assert.throws(() => fetchTextSync(`http://127.0.0.1:${port}/`), { message });
  });

  it("throws for an invalid URL", () => assert.throws(() => fetchTextSync("nowhere"), /Invalid URL/));
});
