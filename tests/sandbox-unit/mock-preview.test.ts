import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";

import { Clouds } from "../../sandbox/clouds/client";
import { toSeed } from "../../sandbox/clouds/seed";
import { startMockPreview, type PreviewResult } from "../../sandbox/mock-preview";
import { changed, runProgram, secretConfig, stackConfig, type StackConfig } from "../config";

const project = "platform-networking";

/** A port that no program listens on. */
const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });

describe("The preview before the build", () => {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), "mock-preview-"));
  let clouds: Clouds;
  before(async () => {
    clouds = new Clouds(home, await freePort());
    await clouds.start();
  });
  after(async () => {
    await clouds.stop();
    fs.rmSync(home, { recursive: true });
  });

  async function preview(config: StackConfig): Promise<PreviewResult> {
    const ask = startMockPreview();
    await clouds.seed(toSeed("dev", config, project));
    const { hetzner, cloudflare } = clouds.accounts();
    const endpoints = { "hcloud:endpoint": clouds.hetznerUrl, "cloudflare:baseUrl": clouds.cloudflareUrl };
    const tokens = { "hcloud:token": hetzner, "cloudflare:apiToken": cloudflare };
    const secretKeys = Object.keys(secretConfig);
    return ask({ project, stack: "dev", config: { ...config, ...endpoints, ...tokens }, secretKeys });
  }

  it("has every resource of the program and the path, without the addresses", async () => {
    const { text = "", ...others } = await preview(stackConfig("dev"));
    assert.deepEqual(others, {});
    const { resources } = await runProgram(stackConfig("dev"));
    const apps = resources.filter(({ type }) => type === "platform:networking:AppService").length;
    const [count = "", , path = "", ...layers] = text.split("\n");
    // And the stack itself.
    assert.ok(
      count.startsWith(`${resources.length + 1} resources will be created, of which CiliumCni `),
      count,
    );
    assert.ok(apps > 0 && Number(/AppService (\d+)/.exec(count)?.[1]) > apps, count);
    assert.equal(path, "The path:");
    assert.ok(layers.includes("    dev.example.com     A, AAAA; DNS only"), text);
    assert.match(text, /^ {4}k3s-dev-lb {2}\(not known yet\); \(not known yet\); 80 → node port 30080;/m);
    assert.match(text, /^ {4}api-gateway .* 1 pod; -> auth-service:8080 \(mutual TLS\)/m);
  });

  it("has the errors of the settings in its place", async () => {
    assert.deepEqual(await preview(changed(stackConfig("dev"), { "apps.grafana.port": 300000 })), {
      settingsErrors:
        "One setting is wrong in Pulumi.dev.yaml; nothing was changed:\n" +
        "  apps.grafana.port: got 300000, want 1 to 65535",
    });
  });

  it("is left out, with the reason, when it needs what is not there yet", async () => {
    const gateway = {
      "ingress.controller": "gateway",
      "ingress.gatewayApi": "/nothing/standard-install.yaml",
    };
    const { problem, ...others } = await preview(changed(stackConfig("dev"), gateway));
    assert.deepEqual(others, {});
    assert.match(problem ?? "", /^Gateway API: \/nothing\/standard-install\.yaml could not be read: ENOENT/);
  });
});
