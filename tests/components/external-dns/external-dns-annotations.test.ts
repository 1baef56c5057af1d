import * as assert from "node:assert/strict";

import { ignoredByExternalDns } from "../../../components/external-dns/external-dns-annotations";

describe("ignoredByExternalDns", () => {
  it("names another controller in external-dns' annotation", () =>
    assert.deepEqual(ignoredByExternalDns, { "external-dns.kubernetes.io/controller": "pulumi" }));
});
