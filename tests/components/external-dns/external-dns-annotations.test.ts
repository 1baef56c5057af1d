import * as assert from "node:assert/strict";

import {
  externalDnsAnnotationPrefix,
  ignoredByExternalDns,
} from "../../../components/external-dns/external-dns-annotations";

describe("leftToPulumi", () => {
  it("names a controller that external-dns is not, by the annotation it looks at", () =>
    assert.deepEqual(ignoredByExternalDns, { "external-dns.kubernetes.io/controller": "pulumi" }));

  it("is spelled with the prefix that external-dns is told, which ends in a slash", () =>
    assert.match(externalDnsAnnotationPrefix, /^[a-z.-]+\/$/));
});
