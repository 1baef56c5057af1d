import { parseArgs } from "node:util";

import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { z } from "zod";

import { cloudflare, cloudflareInventory, cloudflareZoneLog, seedCloudflare } from "./cloudflare";
import { hetzner, hetznerInventory, seedHetzner, setOpenPorts } from "./hetzner";
import { Store } from "./store";

const seedSchema = z.strictObject({ hetzner: z.unknown().optional(), cloudflare: z.unknown().optional() });

/**
 * Both clouds below their paths, and the sandbox's own routes: `GET /sandbox/health`, `PUT /sandbox/seed` (the content of
 * the accounts before the program runs), `PUT /sandbox/node-ports` (the ports at which servers answer, from a cluster),
 * `GET /sandbox/inventory` (what the program created) and `GET /sandbox/zone-log` (every state of the zones).
 */
export function clouds(store: Store): Hono {
  const app = new Hono();
  app.route("/hetzner/v1", hetzner(store));
  app.route("/cloudflare/client/v4", cloudflare(store));

  app.get("/sandbox/health", (c) => c.json({ ok: true }));
  app.put("/sandbox/seed", async (c) => {
    try {
      const seed = seedSchema.parse(await c.req.json());
      if (seed.hetzner !== undefined) seedHetzner(store, seed.hetzner);
      if (seed.cloudflare !== undefined) seedCloudflare(store, seed.cloudflare);
    } catch (error) {
      const reason = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
      return c.json({ error: `The seed of the clouds is refused: ${reason}` }, 400);
    }
    return c.json({ ok: true });
  });
  app.put("/sandbox/node-ports", async (c) => {
    setOpenPorts(store, await c.req.json());
    return c.json({ ok: true });
  });
  app.get("/sandbox/inventory", (c) =>
    c.json({ hetzner: hetznerInventory(store), cloudflare: cloudflareInventory(store) }),
  );
  app.get("/sandbox/zone-log", (c) => c.json({ entries: cloudflareZoneLog(store) }));
  app.notFound((c) => c.json({ error: `the sandbox's clouds have no ${c.req.method} ${c.req.path}` }, 404));
  return app;
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

function main(): void {
  const { values } = parseArgs({ options: { port: { type: "string" }, store: { type: "string" } } });
  const port = Number(values.port);
  if (values.store === undefined || !Number.isInteger(port) || port < 1 || port > 65_535)
    fail("usage: sandbox/clouds/main.ts --port 1..65535 --store FILE");

  const app = clouds(new Store(values.store));
  const server = serve({ fetch: app.fetch, port, hostname: "127.0.0.1" });
  server.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EADDRINUSE")
      fail(`Port ${port} is in use: end what listens there, or choose other ports with --port.`);
    fail(`The sandbox's clouds cannot listen on port ${port}: ${error.message}`);
  });
  process.on("SIGTERM", () => process.exit(0));
}

if (require.main === module) {
  try {
    main();
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error));
  }
}
