import * as assert from "node:assert/strict";

import { certificateAlerts } from "../../../components/cert-manager/certificate-alerts";

describe("certificate alerts", () => {
  const rules = certificateAlerts.groups.flatMap((group) => group.rules);
  const latest = (metric: string) => `max by (namespace, name) (certmanager_certificate_${metric})`;
  const [end, renewal] = [
    latest("expiration_timestamp_seconds > 0"),
    latest("renewal_timestamp_seconds > 0"),
  ];

  for (const [alert, when, expr] of [
    [
      "CertificateRenewalOverdue",
      "half the time between planned renewal and expiry has passed",
      `${end} - time() < (${end} - ${renewal}) / 2`,
    ],
    ["CertificateNotReady", "a certificate is not ready", `${latest('ready_status{condition="True"}')} == 0`],
    ["CertificateMetricsMissing", "there are no metrics", "absent(certmanager_certificate_ready_status)"],
  ] as const)
    it(`raise ${alert} when ${when}`, () =>
      assert.equal(rules.find((rule) => rule.alert === alert)?.expr, expr));

  it("wait 15 minutes, and have a severity and a kubectl command", () => {
    assert.equal(rules.length, 3);
    for (const { for: wait, labels, annotations } of rules) {
      assert.equal(wait, "15m");
      assert.match(labels.severity ?? "", /^(warning|critical)$/);
      assert.deepEqual(Object.keys(annotations), ["summary", "description"]);
      assert.match(annotations.description ?? "", /: kubectl -n \S+/);
    }
  });

  it("refer only to labels that their expressions keep", () => {
    for (const { alert, expr, annotations } of rules) {
      const named = [
        ...Object.values(annotations)
          .join()
          .matchAll(/\$labels\.(\w+)/g),
      ].map(([, label]) => label);
      assert.equal(named.length > 0, expr.includes("max by (namespace, name)"), alert);
      for (const label of named) assert.ok(label === "namespace" || label === "name", alert);
    }
  });
});
