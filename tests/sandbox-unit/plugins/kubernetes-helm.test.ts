import { strict as assert } from "node:assert";

import { toReleaseStatus } from "../../../sandbox/plugins/kubernetes/helm";
import { releaseArgs, templateArgs, uninstallArgs } from "../../../sandbox/plugins/kubernetes/helm-args";
import { kubernetes } from "../../../sandbox/plugins/kubernetes/provider";
import { withoutSecrets } from "../../../sandbox/plugins/kubernetes/secrets";

describe("kubernetes stand-in: helm", () => {
  const base = { chart: "charts/x", values: { password: "secret" } };

  const repo = "https://charts.example.com";
  for (const [inputs, flags] of [
    [{}, "--wait --timeout 300s"],
    [{ skipAwait: true }, "--timeout 300s"],
    [{ skipAwait: true, atomic: true }, "--atomic --timeout 300s"],
    [
      { version: "1.2.3", disableWebhooks: true, timeout: 60, repositoryOpts: { repo } },
      `--no-hooks --version 1.2.3 --repo ${repo} --wait --timeout 60s`,
    ],
  ] as const)
    it(`installs with ${flags}`, () =>
      assert.equal(
        releaseArgs("install", { ...base, ...inputs }, "x", "n").join(" "),
        `install x charts/x --namespace n ${flags} --values -`,
      ));
  it("renders what the program's options name", () => {
    const rendered = { path: "charts/x", release_name: "x", skip_crd_rendering: true, values: {} };
    assert.equal(templateArgs(rendered).join(" "), "template x charts/x --values -");
    const fetched = { chart: "x", version: "1.2.3", fetch_opts: { repo }, release_name: "x" };
    assert.equal(
      templateArgs(fetched).join(" "),
      `template x x --version 1.2.3 --repo ${repo} --include-crds --values -`,
    );
  });
  it("uninstalls to the end", () =>
    assert.equal(
      uninstallArgs({ disableWebhooks: true }, "x", "n").join(" "),
      "uninstall x --namespace n --ignore-not-found --wait --no-hooks --timeout 300s",
    ));
  it("sorts Helm's states", () =>
    assert.deepEqual(
      [undefined, "uninstalled", "deployed", "pending-install", "uninstalling", "failed", "superseded"].map(
        toReleaseStatus,
      ),
      ["absent", "absent", "deployed", "pending", "pending", "failed", "failed"],
    ));
  it("refuses inputs that it does not carry out", () => {
    const kind = kubernetes().findType("kubernetes:helm.sh/v3:Release");
    assert.ok(kind !== undefined && kind.inputs !== "any");
    for (const input of ["postrender", "valueYamlFiles", "maxHistory"])
      assert.ok(!(input in kind.inputs), input);
    const faults = (inputs: object) =>
      (kind.validate?.({ ...base, ...inputs }) ?? []).map(({ property }) => property);
    assert.deepEqual(faults({ repositoryOpts: { repo: "r", password: "p" } }), ["repositoryOpts.password"]);
    assert.deepEqual(faults({ chart: "./no/such/chart" }), ["chart"]);
    assert.deepEqual(faults({ name: "a".repeat(54), timeout: 0 }), ["name", "timeout"]);
  });
  it("keeps long values out of messages, but not host names", () =>
    assert.equal(
      withoutSecrets("bad p4ssw0rdP4ssw0rd for api.example.com.internal", {
        a: ["p4ssw0rdP4ssw0rd"],
        b: "api.example.com.internal",
      }),
      "bad [a value] for api.example.com.internal",
    ));
});
