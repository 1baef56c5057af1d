import * as assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import { mergeChartValues } from "../../components/chart-values";
import { changed, attemptProgram, stackConfig } from "../config";
import { find } from "../harness";

describe("values of a chart in addition to the program's", () => {
  it("are merged into its own", () =>
    assert.deepEqual(
      mergeChartValues("traefik", { a: { b: 1 }, list: [1] }, { a: { c: 2 }, other: { d: null } }),
      { a: { b: 1, c: 2 }, list: [1], other: { d: null } },
    ));

  const given = { a: { b: 2 }, list: [], image: { tag: "v3" }, known: "x" };
  it("are refused if the program sets them, all at once, with their settings", () =>
    assert.throws(
      () =>
        mergeChartValues(
          "traefik",
          { a: { b: 1 }, list: [1], image: { tag: "v3.7.13" }, known: pulumi.output("y") },
          given,
        ),
      (error: Error) =>
        pulumi.RunError.isInstance(error) &&
        error.message.split("\n").slice(1).join("\n") ===
          [
            "  chartValues.traefik.a.b: is set by the program, want another value",
            "  chartValues.traefik.list: is set by the program, want another value",
            "  chartValues.traefik.image.tag: is set by the program, want ingress.traefikVersion",
            "  chartValues.traefik.known: is set by the program, want another value",
          ].join("\n"),
    ));

  it("reach the release, whatever the mirror", async () => {
    for (const charts of ["", "oci://mirror.test/charts"]) {
      const { resources, fault } = await attemptProgram(
        changed(stackConfig("prod"), {
          charts,
          chartValues: { "cert-manager": { global: { commonLabels: { team: "edge" } } } },
        }),
      );
      assert.equal(fault, undefined);
      const { values } = find(resources, ":Release", "cert-manager-chart").inputs;
      assert.deepEqual((values as { global: { commonLabels: object } }).global.commonLabels, {
        team: "edge",
      });
    }
  });

  it("stop the program, without a stack trace, if they are the program's", async () => {
    const { fault } = await attemptProgram(
      changed(stackConfig("prod"), { chartValues: { cilium: { encryption: { enabled: false } } } }),
    );
    assert.ok(pulumi.RunError.isInstance(fault));
    assert.match(
      fault.message,
      /chartValues.cilium.encryption.enabled: is set by the program, want cilium.encryption/,
    );
  });
});

describe("a preview with values of a chart", () => {
  /** Helm's answer to values, of a chart that requires `policy`. */
  const template = ({ jsonOpts }: Readonly<Record<string, unknown>>) => {
    const { values } = JSON.parse(jsonOpts as string) as { values: { replicas?: string; policy?: string } };
    const lines = [
      "- at '': validation failed",
      ...("polici" in values ? ["  - at '': additional properties 'polici' not allowed"] : []),
      ...("replicas" in values ? ["  - at '/replicas/~1a': got string, want number"] : []),
      "  - at '/policy': got null, want string",
    ];
    return new Error(
      "failed to generate YAML for specified Helm chart: failed to create chart from template: values don't meet the " +
        `specifications of the schema(s) in the following chart(s):\nx:\n${lines.join("\n")}\n`,
    );
  };
  const preview = (values: object, answer: typeof template | Error, isPreview = true) =>
    attemptProgram(changed(stackConfig("prod"), { charts: "/charts", chartValues: values }), {
      preview: isPreview,
      answers: { "kubernetes:helm:template": answer },
    });
  const rendered = ({ calls }: Awaited<ReturnType<typeof preview>>) =>
    calls
      .filter(({ token }) => token === "kubernetes:helm:template")
      .map(({ inputs }) => JSON.parse(inputs.jsonOpts as string) as Readonly<Record<string, unknown>>);

  it("lists what the chart's schema refuses, but not what the chart lacks by itself", async () => {
    const values = { polici: "sync", replicas: { "/a": "x" } };
    const { fault } = await preview({ "external-dns": values, traefik: { replicas: 1 } }, template);
    assert.ok(pulumi.RunError.isInstance(fault));
    assert.deepEqual(fault.message.split("\n"), [
      "The schemas of charts refuse values:",
      "  chartValues.traefik.replicas./a: got string, want number",
      "  chartValues.external-dns: additional properties 'polici' not allowed",
      "  chartValues.external-dns.replicas./a: got string, want number",
    ]);
  });

  it("renders only charts with such values, by the cluster's provider", async () => {
    const run = await preview({ traefik: { a: 1 } }, new Error("the chart has no trust anchor"));
    assert.equal(run.fault, undefined);
    assert.deepEqual(rendered(run), [
      {
        path: "/charts/traefik",
        release_name: "traefik",
        skip_crd_rendering: true,
        values: { a: 1 },
      },
    ]);
    assert.deepEqual(
      run.calls.filter(({ token }) => token.startsWith("kubernetes:")).map(({ provider }) => provider),
      ["kubernetes"],
    );
    assert.deepEqual(rendered(await preview({}, template)), []);
    assert.deepEqual(rendered(await preview({ traefik: { replicas: 1 } }, template, false)), []);
  });

  it("renders a chart of a repository at its version", async () => {
    const config = changed(stackConfig("prod"), { charts: "", chartValues: { "linkerd-viz": { a: 1 } } });
    const { version, ...rest } = rendered(await attemptProgram(config, { preview: true }))[0] ?? {};
    assert.match(String(version), /^2026/);
    assert.deepEqual(rest, {
      chart: "linkerd-viz",
      fetch_opts: { repo: "https://helm.linkerd.io/edge" },
      release_name: "linkerd-viz",
      skip_crd_rendering: true,
      values: { a: 1 },
    });
  });
});
