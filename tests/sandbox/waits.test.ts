import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import {
  assertChanged,
  clear,
  clouds,
  emptySandbox,
  settingsOf,
  stackFile,
  start,
  succeeded,
  type Finished,
} from "./start";

/** Runs an `up` whose waits end after so many seconds. */
async function up(seconds: number, ...args: string[]): Promise<Finished> {
  process.env.PLATFORM_SANDBOX_AWAIT_SECONDS = String(seconds);
  try {
    return await start("up", ...args);
  } finally {
    delete process.env.PLATFORM_SANDBOX_AWAIT_SECONDS;
  }
}

/** The faults of each run, in the order of the stack, with the cause reported while waiting and with the error. */
const runs: readonly Readonly<Record<string, RegExp>>[] = [
  {
    "--fail Deployment/cert-manager":
      /Release cert-manager\/cert-manager .*container cert-manager-controller: CrashLoopBackOff/,
  },
  {
    "--stuck Certificate/linkerd-trust-anchor":
      /Certificate cert-manager\/linkerd-trust-anchor .*CertificateRequest/,
  },
  {
    "--fail Bundle/linkerd-identity-trust-roots":
      /Bundle linkerd-identity-trust-roots .*source was not found/,
  },
  {
    "--stuck Deployment/linkerd-identity":
      /Release linkerd\/.*Pod linkerd\/linkerd-identity-.*ImagePullBackOff/,
  },
  { "--fail Deployment/traefik": /Release traefik\/traefik .*CrashLoopBackOff/ },
  {
    "--stuck Certificate/wildcard-cert":
      /Certificate traefik\/wildcard-cert .*Challenge .*not yet propagated/,
    "--stuck Deployment/api-gateway": /Deployment development\/api-gateway .*ImagePullBackOff: .*not found/,
  },
  {
    "--fail Certificate/wildcard-cert": /Certificate traefik\/wildcard-cert .*Incorrect TXT record/,
    "--stuck Ingress/api-gateway-api-dev-example-com":
      /Ingress development\/api-gateway-api-dev-example-com .*has no address/,
  },
];

describe("waits of an up", () => {
  const folder = emptySandbox();

  for (const faults of runs)
    it(`end with the cause: ${Object.keys(faults).join(" ")}`, async () => {
      const { code, output } = await up(25, ...Object.keys(faults).flatMap((fault) => fault.split(" ")));
      assert.notEqual(code, 0, output);
      for (const cause of Object.values(faults)) {
        const reported = output.split("\n").filter((line) => cause.test(line));
        for (const text of ["Waiting for", "is not ready after"])
          assert.ok(
            reported.some((line) => line.includes(text)),
            `${text}: ${cause.source}\n${output}`,
          );
      }
    });

  it("end well when the fault is gone, and the next up changes nothing", async () => {
    await succeeded(start());
    assertChanged(await succeeded(start()));
  });

  it("end well for what is late or flaps, and are reported from 20 s on", async () => {
    await succeeded(start("destroy"));
    const args = [
      ...["--late", "Certificate/wildcard-cert=25", "--late", "Deployment/api-gateway=25"],
      ...["--flap", "Certificate/linkerd-trust-anchor", "--flap", "Bundle/linkerd-identity-trust-roots"],
      ...["--flap", "Deployment/traefik", "--flap", "Ingress/admin-admin-dev-example-com"],
    ];
    const { output } = await succeeded(up(120, ...args));
    for (const late of ["Certificate traefik/wildcard-cert", "Deployment development/api-gateway"])
      assert.match(output, new RegExp(`Waiting for ${late} for 2\\d s, since`));
  });

  describe("with the cloud controller manager", () => {
    const file = path.join(folder, "Pulumi.dev.yaml");
    before(async () => {
      await clear();
      const { name, location } = settingsOf("dev", "loadBalancer");
      const loadBalancer = { name, location, managedBy: "ccm", privateIp: "10.1.0.254" };
      fs.writeFileSync(file, stackFile("dev", { loadBalancer }));
    });

    it("end with the reason that Hetzner gives", async () => {
      const { code, output } = await up(25, "--stack-file", file, "--fail", "Service/k3s-dev-lb");
      assert.notEqual(code, 0);
      assert.match(output, /Service traefik\/k3s-dev-lb is not ready after .*load balancer limit exceeded/);
    });

    it("end with a load balancer whose targets are healthy, and destroy deletes it", async () => {
      const args = ["--stack-file", file];
      await succeeded(start("up", ...args));
      const { hetzner, cloudflare } = await clouds.inventory();
      const [lb] = hetzner.load_balancers;
      assert.ok(lb);
      assert.deepEqual(
        lb.services.map(({ listen_port }) => listen_port),
        [80, 443],
      );
      const health = JSON.stringify(lb.targets);
      assert.ok(health.includes('"healthy"') && !health.includes("unhealthy"), health);
      assert.ok(cloudflare.dns_records.some(({ content }) => content === lb.public_net.ipv4?.ip));
      assertChanged(await succeeded(start("up", ...args)));
      await succeeded(start("destroy", ...args));
      assert.deepEqual((await clouds.inventory()).hetzner.load_balancers, []);
    });
  });
});
