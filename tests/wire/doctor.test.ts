import * as assert from "node:assert/strict";
import { execFile } from "node:child_process";
import * as path from "node:path";
import { promisify } from "node:util";

import type { Diagnosis } from "../../doctor/diagnose";
import type { Code } from "../../doctor/finding";
import { root, sandboxDir as home } from "../../sandbox/paths";
import { createShell, type Shell } from "../faults/environment";
import { faults } from "../faults/faults";
import { clouds } from "./deployment";
import { request } from "./browser";
import { addresses } from "./network/network-addresses";
import { until } from "./wait-until";

const url = "https://api.example.com/v1";

/** Faults with which no visitor is served, by their names in the suite of faults. */
const broken: readonly string[] = [
  "DNS record deleted",
  "DNS record points elsewhere",
  "authenticated origin pulls off",
  "PROXY protocol off at the load balancer",
  "wrong node port at the load balancer",
  "listener deleted",
  "target removed",
  "Ingress of another class",
  "DNS record no longer proxied",
  "Middleware deleted",
];

async function isServed(): Promise<boolean> {
  const { status, seen } = await request(url).catch(() => ({ status: 0, seen: undefined }));
  return status === 200 && seen?.app === "api-gateway";
}

/** Runs `npm run doctor`, with the network's public resolver. */
async function runDoctor({ environment }: Shell): Promise<Diagnosis> {
  const program = path.join(root, "doctor/main.ts");
  const script = path.join(root, "sandbox/typescript.cjs");
  const args = ["--require", script, program, url, "--stack", "prod", "--json"];
  const options = { cwd: path.join(home, "project"), env: environment, maxBuffer: 1 << 26 };
  const resolver = ["--resolver", addresses.publicResolvers[0]];
  const { stdout } = await promisify(execFile)(process.execPath, [...args, ...resolver], options).catch(
    // It exits with 1 if something is broken.
    (error: unknown) => error as { readonly stdout: string },
  );
  return JSON.parse(stdout) as Diagnosis;
}

describe("a URL that fails, until the doctor's fix is carried out", () => {
  let shell: Shell;
  /** What the doctor finds on a path that works: in this cluster no pod runs, and no CA answers. */
  let baseline: readonly Code[];

  before(async () => {
    shell = await createShell(home, clouds, path.join(home, "traefik.yaml"));
    assert.ok(await isServed());
    const { causes } = await runDoctor(shell);
    for (const { code, object, problem } of causes)
      assert.match(code, /^(pod|cluster|mesh)\/|^tls\/challenge/, `${code} ${object} ${problem}`);
    baseline = causes.map(({ code }) => code);
  });

  for (const name of broken)
    it(name, async () => {
      const fault = faults.find((each) => each.name === name);
      assert.ok(fault);
      await shell.run(fault.seed);
      await until("the failure", async () => !(await isServed()), 30);
      const { causes } = await runDoctor(shell);
      const found = causes.filter((cause) => !baseline.includes(cause.code));
      const [first] = found;
      assert.equal(first?.code, fault.code, JSON.stringify(found, undefined, 2));
      for (const fix of new Set(found.map((cause) => cause.fix))) await shell.run(fix);
      await until("an answer", isServed, 60);
    });
});
