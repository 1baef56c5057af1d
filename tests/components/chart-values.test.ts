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
